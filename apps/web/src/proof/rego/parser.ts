/** Reads a module of Rego v1. */

import { UnavailableError } from '../values.ts';
import { isRefused } from './allowed.ts';
import { Cursor } from './cursor.ts';
import { tokensOf } from './lexer.ts';
import { RegoError, type Module, type Rule, type Term } from './syntax.ts';
import { TermReader } from './terms.ts';

const TRUE: Term = { kind: 'scalar', value: true };

/** The module; throws RegoError where no engine reads it, and UnavailableError where this one does not. */
export function parseModule(source: string): Module {
  return new ModuleReader(new Cursor(tokensOf(source))).module();
}

class ModuleReader extends TermReader {
  private readonly imports = new Map<string, readonly string[]>();
  private readonly rules: Rule[] = [];
  /** The first thing that is not read here: names behind it are looked for before it counts. */
  private unread: UnavailableError | null = null;

  module(): Module {
    const { cursor } = this;
    if (this.isAtEnd) throw new RegoError('an empty module');
    cursor.expect('package');
    const path = this.path();
    while (cursor.took('import')) this.import();
    while (!this.isAtEnd && !this.unread) this.guarded();
    if (this.unread) {
      this.skim();
      throw Object.assign(this.unread, { names: this.names });
    }
    return { path, imports: this.imports, rules: this.rules, names: this.names };
  }

  private get isAtEnd(): boolean {
    return this.cursor.token.kind === 'end';
  }

  private guarded(): void {
    try {
      this.rule();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      this.unread = error;
    }
  }

  /** Names of calls, and those behind `as`, in what is left, without understanding it. */
  private skim(): void {
    let name = '';
    let isBehindAs = false;
    while (!this.isAtEnd) {
      const { kind, text } = this.cursor.take();
      if (kind === 'name') name = name.endsWith('.') ? name + text : text;
      else if (text === '.' && name) name += '.';
      else {
        if (text === '(' || isBehindAs) this.names.add(name);
        name = '';
        isBehindAs = false;
      }
      if (kind === 'name' && text === 'as') isBehindAs = true;
    }
    if (isBehindAs) this.names.add(name);
  }

  private path(): string[] {
    const path = [this.cursor.name()];
    while (this.cursor.took('.')) path.push(this.cursor.name());
    return path;
  }

  private import(): void {
    const path = this.path();
    const alias = this.cursor.took('as') ? this.cursor.name() : (path.at(-1) as string);
    if (path.join('.') === 'rego.v1' || path.join('.').startsWith('future.keywords')) return;
    if ((path[0] !== 'data' && path[0] !== 'input') || path.length < 2) {
      throw new UnavailableError(`the import of ${path.join('.')}`);
    }
    this.imports.set(alias, path);
  }

  private rule(): void {
    const { cursor } = this;
    const isDefault = cursor.took('default');
    if (!cursor.token.isFirst && !isDefault) throw cursor.fault('expected a rule');
    const name = cursor.name();
    if (cursor.is('.') || cursor.is('[')) throw new UnavailableError('a rule whose name is a reference');
    const isFunction = cursor.is('(') && !cursor.token.isApart;
    const parameters = isFunction ? this.parameters() : [];
    const isMember = !isFunction && cursor.took('contains');
    const value = isMember || cursor.took(':=') || cursor.took('=') ? this.term() : TRUE;
    if (isDefault && (isFunction || value.kind !== 'scalar'))
      throw new UnavailableError('a default of that kind');
    const body = cursor.took('if') ? this.body() : [];
    if (cursor.is('{')) throw new UnavailableError('a body without `if`');
    if (cursor.is('else')) throw new UnavailableError('`else`');
    if (value === TRUE && !body.length) throw cursor.fault('expected `if` or a value');
    const kind = isFunction ? 'function' : isMember ? 'member' : 'value';
    if (isRefused(name)) throw new UnavailableError(`a rule with the name of a builtin: ${name}`);
    this.rules.push({ name, kind, isDefault, parameters, value, body });
  }

  private parameters(): Term[] {
    const found: Term[] = [];
    this.cursor.expect('(');
    while (!this.cursor.took(')')) {
      const term = this.term();
      if (term.kind !== 'var' && term.kind !== 'scalar') throw new UnavailableError('a pattern as parameter');
      found.push(term);
      if (!this.cursor.is(')')) this.cursor.expect(',');
    }
    return found;
  }
}
