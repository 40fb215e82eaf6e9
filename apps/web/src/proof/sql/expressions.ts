/** Reads expressions, in the precedence of the pinned engine. */

import { UnavailableError } from '../values.ts';
import type { Cursor } from './cursor.ts';
import { isCallable, readCall } from './calls.ts';
import type { Expr, Query } from './syntax.ts';

const COMPARISONS = ['=', '==', '<>', '!=', '<', '<=', '>', '>='];
const TYPE_NAMES: Readonly<Record<string, string>> = {
  bool: 'BOOLEAN',
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  hugeint: 'HUGEINT',
  double: 'DOUBLE',
  varchar: 'VARCHAR',
  text: 'VARCHAR',
  string: 'VARCHAR',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  datetime: 'TIMESTAMP',
};

export class ExpressionReader {
  readonly cursor: Cursor;
  private readonly query: () => Query;

  /** `query` reads a query that stands between parentheses. */
  constructor(cursor: Cursor, query: () => Query) {
    this.cursor = cursor;
    this.query = query;
  }

  expr(): Expr {
    return this.cursor.within(() => {
      let left = this.or();
      // The arrow of JSON takes everything on its left.
      while (this.cursor.took('->')) left = { kind: 'binary', operator: '->', left, right: this.step() };
      return left;
    });
  }

  private step(): Expr {
    const { kind } = this.cursor.token;
    if (kind !== 'text' && kind !== 'number') throw this.cursor.fault('expected a path or an index');
    return this.primary();
  }

  private or(): Expr {
    let left = this.and();
    while (this.cursor.took('or')) left = { kind: 'logic', operator: 'or', left, right: this.and() };
    return left;
  }

  private and(): Expr {
    let left = this.not();
    while (this.cursor.took('and')) left = { kind: 'logic', operator: 'and', left, right: this.not() };
    return left;
  }

  private not(): Expr {
    if (!this.cursor.took('not')) return this.predicate();
    return { kind: 'not', operand: this.cursor.within(() => this.not()) };
  }

  /** At most one test: how several in a row are read is left to the engine. */
  private predicate(): Expr {
    const { cursor } = this;
    const left = this.other();
    if (cursor.is(...COMPARISONS)) {
      const operator = cursor.take().text;
      return { kind: 'compare', operator, left, right: this.other() };
    }
    if (cursor.took('is')) return this.is(left);
    const isNegated = cursor.is('not');
    if (isNegated) cursor.take();
    if (cursor.took('between')) {
      const low = this.other();
      cursor.expect('and');
      return { kind: 'between', operand: left, low, high: this.other(), isNegated };
    }
    if (cursor.took('in')) return this.in(left, isNegated);
    if (cursor.is('like', 'ilike')) {
      const isFolded = cursor.take().text === 'ilike';
      return { kind: 'like', operand: left, pattern: this.other(), isFolded, isNegated };
    }
    if (isNegated) throw cursor.fault('expected BETWEEN, IN or LIKE');
    return left;
  }

  private is(left: Expr): Expr {
    const { cursor } = this;
    const isNegated = cursor.took('not');
    if (cursor.took('null')) return { kind: 'is-null', operand: left, isNegated };
    const operator = isNegated ? 'is distinct' : 'is not distinct';
    for (const value of [true, false]) {
      if (cursor.took(String(value))) {
        return { kind: 'compare', operator, left, right: { kind: 'boolean', value } };
      }
    }
    cursor.expect('distinct', 'from');
    return {
      kind: 'compare',
      operator: isNegated ? 'is not distinct' : 'is distinct',
      left,
      right: this.other(),
    };
  }

  private in(operand: Expr, isNegated: boolean): Expr {
    const { cursor } = this;
    cursor.expect('(');
    if (cursor.is('select', 'with', 'from')) {
      const query = this.query();
      cursor.expect(')');
      return { kind: 'in-query', operand, query, isNegated };
    }
    const items = cursor.list(() => this.expr());
    cursor.expect(')');
    return { kind: 'in', operand, items, isNegated };
  }

  private other(): Expr {
    let left = this.sum();
    while (this.cursor.is('||', '->>')) {
      const operator = this.cursor.take().text;
      left = { kind: 'binary', operator, left, right: operator === '||' ? this.sum() : this.step() };
    }
    return left;
  }

  private sum(): Expr {
    let left = this.product();
    while (this.cursor.is('+', '-')) {
      left = { kind: 'binary', operator: this.cursor.take().text, left, right: this.product() };
    }
    return left;
  }

  private product(): Expr {
    let left = this.signed();
    while (this.cursor.is('*', '/', '//', '%')) {
      left = { kind: 'binary', operator: this.cursor.take().text, left, right: this.signed() };
    }
    return left;
  }

  private signed(): Expr {
    if (!this.cursor.took('-')) return this.cast();
    if (this.cursor.is('-', '+')) throw this.cursor.fault('expected one sign');
    const operand = this.primary();
    if (this.cursor.is('::', '[', '.')) throw this.cursor.fault('expected no cast behind a sign');
    return { kind: 'negative', operand };
  }

  private cast(): Expr {
    let operand = this.primary();
    while (this.cursor.took('::')) operand = { kind: 'cast', operand, to: this.typeName(), isTry: false };
    if (this.cursor.is('[')) throw this.cursor.fault('expected no element');
    return operand;
  }

  typeName(): string {
    const { cursor } = this;
    const { kind, text } = cursor.take();
    const name = kind === 'name' && Object.hasOwn(TYPE_NAMES, text) ? TYPE_NAMES[text] : undefined;
    if (name === undefined || cursor.is('(', '[', 'precision', 'with', 'without')) {
      throw new UnavailableError(`a cast to ${text}`);
    }
    return name;
  }

  private primary(): Expr {
    const { cursor } = this;
    const { kind, text } = cursor.token;
    if (kind === 'number' || kind === 'text') {
      cursor.take();
      return { kind, text };
    }
    if (cursor.took('(')) return this.parenthesized();
    if (cursor.took('[')) return this.listed();
    if (cursor.took('{')) return this.structured();
    return (kind === 'name' ? this.worded(text) : null) ?? this.named();
  }

  /** What begins with a word of the language, or null. */
  private worded(word: string): Expr | null {
    const { cursor } = this;
    if (cursor.took('null')) return { kind: 'null' };
    if (cursor.is('true', 'false')) return { kind: 'boolean', value: cursor.take().text === 'true' };
    if (cursor.took('case')) return this.cases();
    if (cursor.is('cast', 'try_cast') && cursor.ahead(1).text === '(') return this.castCall();
    if (cursor.is('date', 'timestamp') && cursor.ahead(1).kind === 'text') {
      cursor.take();
      const operand: Expr = { kind: 'text', text: cursor.take().text };
      return { kind: 'cast', operand, to: word.toUpperCase(), isTry: false };
    }
    if (cursor.took('exists', '(')) {
      const query = this.query();
      cursor.expect(')');
      return { kind: 'exists', query };
    }
    const isCall = cursor.ahead(1).kind === 'sign' && cursor.ahead(1).text === '(';
    return isCall && isCallable(word) ? readCall(this) : null;
  }

  private parenthesized(): Expr {
    const { cursor } = this;
    const isQuery = cursor.is('select', 'with', 'from');
    const found: Expr = isQuery ? { kind: 'scalar-query', query: this.query() } : this.expr();
    cursor.expect(')');
    if (cursor.is('.')) throw cursor.fault('expected no member');
    return found;
  }

  private listed(): Expr {
    const items = this.cursor.is(']') ? [] : this.cursor.list(() => this.expr());
    this.cursor.expect(']');
    return { kind: 'list', items };
  }

  private structured(): Expr {
    const { cursor } = this;
    const members = cursor.list((): [string, Expr] => {
      const name = cursor.token.kind === 'text' ? cursor.take().text : cursor.name();
      cursor.expect(':');
      return [name, this.expr()];
    });
    cursor.expect('}');
    return { kind: 'struct', members };
  }

  private cases(): Expr {
    const { cursor } = this;
    const operand = cursor.is('when') ? null : this.expr();
    const branches: [Expr, Expr][] = [];
    while (cursor.took('when')) {
      const condition = this.expr();
      cursor.expect('then');
      branches.push([condition, this.expr()]);
    }
    const otherwise: Expr = cursor.took('else') ? this.expr() : { kind: 'null' };
    cursor.expect('end');
    if (!branches.length) throw cursor.fault('expected WHEN');
    return { kind: 'case', operand, branches, otherwise };
  }

  private castCall(): Expr {
    const { cursor } = this;
    const isTry = cursor.take().text === 'try_cast';
    cursor.expect('(');
    const operand = this.expr();
    cursor.expect('as');
    const to = this.typeName();
    cursor.expect(')');
    return { kind: 'cast', operand, to, isTry };
  }

  private named(): Expr {
    const { cursor } = this;
    const isQuoted = cursor.token.kind === 'quoted';
    const names = [cursor.name()];
    if (cursor.is('(')) throw cursor.fault('expected no call');
    if (cursor.took('.')) {
      if (cursor.took('*')) return { kind: 'star', table: names[0] as string, except: [] };
      names.push(cursor.label());
    }
    if (cursor.is('.', '(')) throw cursor.fault('expected a column');
    return { kind: 'column', names, isQuoted };
  }
}
