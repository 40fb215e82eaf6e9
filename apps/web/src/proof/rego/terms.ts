/** Reads terms and bodies of Rego. */

import { UnavailableError } from '../values.ts';
import type { Cursor } from './cursor.ts';
import { nameOf } from './scopes.ts';
import type { Body, Literal, Term } from './syntax.ts';

const LEVELS: readonly (readonly string[])[] = [
  ['==', '!=', '<', '<=', '>', '>='],
  ['|'],
  ['&'],
  ['+', '-'],
  ['*', '/', '%'],
];
const KEYWORDS = new Set([
  'as',
  'contains',
  'default',
  'else',
  'every',
  'false',
  'if',
  'import',
  'in',
  'not',
  'null',
  'package',
  'some',
  'true',
  'with',
]);
const RESERVED = new Set(['data', 'input']);

export class TermReader {
  readonly names = new Set<string>();
  protected readonly cursor: Cursor;
  private wildcards = 0;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  /** Literals up to `}` or, without braces, one. */
  body(): Body {
    if (!this.cursor.took('{')) return [this.literal()];
    const literals = this.literals('}');
    if (!literals.length) throw new UnavailableError('an empty body');
    return literals;
  }

  term(): Term {
    const item = this.infix(0);
    return this.cursor.took('in') ? { kind: 'in', key: null, item, within: this.infix(0) } : item;
  }

  private literals(end: string): Literal[] {
    const found: Literal[] = [];
    let isSeparated = true;
    for (;;) {
      while (this.cursor.took(';')) isSeparated = true;
      if (this.cursor.took(end)) return found;
      const { isFirst, text } = this.cursor.token;
      // Engines differ on whether such a line goes on with the one before.
      if (!isSeparated && (!isFirst || text === '[' || text === '('))
        throw this.cursor.fault('expected a new literal');
      isSeparated = false;
      found.push(this.literal());
    }
  }

  private literal(): Literal {
    const { cursor } = this;
    const found = this.plainLiteral();
    if (cursor.is('with')) {
      this.withs();
      throw new UnavailableError('`with`');
    }
    return found;
  }

  private plainLiteral(): Literal {
    const { cursor } = this;
    if (cursor.is('every')) throw new UnavailableError('`every`');
    if (cursor.took('not')) return { kind: 'not', term: this.term() };
    if (cursor.took('some')) return this.some();
    const term = this.listed();
    if (cursor.took(':=')) {
      return { kind: 'assign', name: this.local(term), term: this.term(), isUnify: false };
    }
    if (!cursor.took('=')) {
      // The pinned engine takes such a line for something else.
      if (['array', 'set', 'object', 'comprehension', 'object-comprehension'].includes(term.kind)) {
        throw new UnavailableError('a collection as a condition');
      }
      return { kind: 'expression', term };
    }
    const right = this.term();
    if (term.kind === 'var' && !RESERVED.has(term.name))
      return { kind: 'assign', name: term.name, term: right, isUnify: true };
    if (right.kind === 'var' && !RESERVED.has(right.name))
      return { kind: 'assign', name: right.name, term, isUnify: true };
    throw new UnavailableError('a unification of patterns');
  }

  /** Every name behind `as`: a disguised builtin is found wherever it stands. */
  private withs(): void {
    while (this.cursor.took('with')) {
      this.term();
      this.cursor.expect('as');
      const put = this.term();
      const name = put.kind === 'ref' ? nameOf(put.head, put.path) : nameOf(put, []);
      if (name) this.names.add(name.join('.'));
    }
  }

  private some(): Literal {
    const names: Term[] = [];
    do names.push(this.infix(0));
    while (this.cursor.took(','));
    if (!this.cursor.took('in')) return { kind: 'declare', names: names.map((name) => this.local(name)) };
    const [first, second, ...more] = names;
    if (!first || more.length) throw this.cursor.fault('expected one or two names before `in`');
    return { kind: 'some-in', key: second ? first : null, item: second ?? first, within: this.term() };
  }

  private local(term: Term): string {
    if (term.kind !== 'var' || RESERVED.has(term.name))
      throw new UnavailableError('an assignment to a pattern');
    return term.name;
  }

  /** `k, v in xs` beside a plain term. */
  private listed(): Term {
    const term = this.term();
    if (!this.cursor.is(',')) return term;
    this.cursor.take();
    const member = this.term();
    if (member.kind !== 'in' || member.key) throw this.cursor.fault('expected `in`');
    return { ...member, key: term };
  }

  private infix(level: number): Term {
    const operators = LEVELS[level];
    if (!operators) return this.postfix();
    let left = this.infix(level + 1);
    while (this.cursor.token.kind === 'sign' && operators.includes(this.cursor.token.text)) {
      if (this.stopAtBar && this.cursor.is('|')) break;
      if (this.cursor.token.isFirst) throw this.cursor.fault('an operator at the beginning of a line');
      const operator = this.cursor.take().text;
      left = { kind: 'infix', operator, left, right: this.infix(level + 1) };
    }
    return left;
  }

  private stopAtBar = false;

  /** What may be the head of a comprehension: a `|` ends it. */
  private head(): Term {
    const before = this.stopAtBar;
    this.stopAtBar = true;
    const term = this.term();
    this.stopAtBar = before;
    return term;
  }

  private inner<T>(read: () => T): T {
    const before = this.stopAtBar;
    this.stopAtBar = false;
    const found = read();
    this.stopAtBar = before;
    return found;
  }

  private postfix(): Term {
    let term = this.primary();
    const path: Term[] = [];
    for (;;) {
      const { cursor } = this;
      if (cursor.is('.') && !cursor.next.isApart) {
        cursor.take();
        path.push({ kind: 'scalar', value: cursor.name() });
      } else if (cursor.is('[') && !cursor.token.isApart) {
        cursor.take();
        path.push(this.inner(() => this.term()));
        cursor.expect(']');
      } else if (cursor.is('(') && !cursor.token.isApart) {
        term = this.call(term, path.splice(0));
      } else break;
    }
    return path.length ? { kind: 'ref', head: term, path } : term;
  }

  private call(head: Term, path: readonly Term[]): Term {
    const name = nameOf(head, path);
    if (!name) throw this.cursor.fault('a call of what is no name');
    this.names.add(name.join('.'));
    this.cursor.take();
    const args = this.inner(() => this.items(')'));
    return { kind: 'call', name, args };
  }

  private items(end: string): Term[] {
    const found: Term[] = [];
    while (!this.cursor.took(end)) {
      found.push(this.term());
      if (!this.cursor.is(end)) this.cursor.expect(',');
    }
    return found;
  }

  private primary(): Term {
    const { cursor } = this;
    const { kind, text } = cursor.token;
    if (kind === 'string') return { kind: 'scalar', value: cursor.take().text };
    if (kind === 'number') return this.number('');
    if (cursor.took('-')) return this.number('-');
    if (cursor.took('(')) {
      const term = this.inner(() => this.term());
      cursor.expect(')');
      return term;
    }
    if (cursor.took('[')) return this.inner(() => this.array());
    if (cursor.took('{')) return this.inner(() => this.braces());
    if (kind !== 'name') throw cursor.fault('expected a value');
    if (text === 'set' && cursor.next.text === '(') return this.emptySet();
    if (text === 'contains' && cursor.next.text === '(') return { kind: 'var', name: cursor.take().text };
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (cursor.took(word)) return { kind: 'scalar', value };
    }
    if (KEYWORDS.has(text)) throw cursor.fault('expected a value');
    const name = cursor.take().text;
    return { kind: 'var', name: name === '_' ? `_${this.wildcards++}` : name };
  }

  private emptySet(): Term {
    this.cursor.take();
    this.cursor.expect('(');
    this.cursor.expect(')');
    return { kind: 'set', items: [] };
  }

  private number(sign: string): Term {
    if (this.cursor.token.kind !== 'number') throw this.cursor.fault('expected a number');
    const spelled = sign + this.cursor.take().text;
    const value = Number(spelled);
    // The pinned engine tells 1 from 1.0 in some places.
    if (spelled !== String(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw new UnavailableError(`the number ${spelled}`);
    }
    return { kind: 'scalar', value };
  }

  private array(): Term {
    if (this.cursor.took(']')) return { kind: 'array', items: [] };
    const first = this.head();
    if (this.cursor.took('|')) {
      return { kind: 'comprehension', of: 'array', head: first, body: this.literals(']') };
    }
    if (this.cursor.took(']')) return { kind: 'array', items: [first] };
    this.cursor.expect(',');
    return { kind: 'array', items: [first, ...this.items(']')] };
  }

  private braces(): Term {
    if (this.cursor.took('}')) return { kind: 'object', members: [] };
    const first = this.head();
    if (this.cursor.took(':')) return this.object(first);
    if (this.cursor.took('|')) {
      return { kind: 'comprehension', of: 'set', head: first, body: this.literals('}') };
    }
    if (this.cursor.took('}')) return { kind: 'set', items: [first] };
    this.cursor.expect(',');
    return { kind: 'set', items: [first, ...this.items('}')] };
  }

  private object(first: Term): Term {
    const value = this.head();
    if (this.cursor.took('|')) {
      return { kind: 'object-comprehension', key: first, value, body: this.literals('}') };
    }
    const members: [Term, Term][] = [[first, value]];
    while (!this.cursor.took('}')) {
      this.cursor.expect(',');
      if (this.cursor.took('}')) break;
      const key = this.term();
      this.cursor.expect(':');
      members.push([key, this.term()]);
    }
    return { kind: 'object', members };
  }
}
