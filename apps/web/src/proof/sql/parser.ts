/** Reads a statement: one SELECT. */

import { EvaluationError } from '../expressions/errors.ts';
import { isCallable, readDirection, readKeys } from './calls.ts';
import { checkFunction } from './allowed.ts';
import { Cursor } from './cursor.ts';
import { ExpressionReader } from './expressions.ts';
import { tokensOf } from './lexer.ts';
import { isCut, type Cte, type Entry, type Expr, type From, type Query, type Select } from './syntax.ts';

const NO_SELECT =
  /^(?:alter|attach|begin|commit|copy|create|delete|detach|drop|insert|install|load|reset|rollback|set|truncate|update|vacuum)$/;
const NOTHING: Pick<Query, 'orders' | 'orderAll' | 'limit' | 'offset'> = {
  orders: [],
  orderAll: null,
  limit: null,
  offset: null,
};

/** The query; throws EvaluationError for what no engine takes, and UnavailableError for what is not read here. */
export function parseStatement(source: string): Query {
  return new StatementReader(new Cursor(tokensOf(source))).statement();
}

class StatementReader {
  private readonly cursor: Cursor;
  private readonly expressions: ExpressionReader;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.expressions = new ExpressionReader(cursor, () => this.query());
  }

  statement(): Query {
    const { cursor } = this;
    if (cursor.token.kind === 'name' && NO_SELECT.test(cursor.token.text)) {
      throw new EvaluationError('refused: only a SELECT is allowed');
    }
    const query = this.query();
    let isEnded = false;
    while (cursor.took(';')) isEnded = true;
    if (cursor.token.kind === 'end') return query;
    if (isEnded) throw new EvaluationError('refused: more than one statement');
    throw cursor.fault('expected the end');
  }

  private query(): Query {
    return this.cursor.within(() => {
      const ctes = this.cursor.took('with') ? this.cursor.list(() => this.cte()) : [];
      return { ...this.ended(this.united()), ctes };
    });
  }

  private cte(): Cte {
    const { cursor } = this;
    const name = cursor.name();
    if (name.toLowerCase() === 'recursive') throw cursor.fault('expected no RECURSIVE');
    const columns = this.columns();
    cursor.expect('as', '(');
    const query = this.query();
    cursor.expect(')');
    return { name, columns, query };
  }

  private united(): Query {
    const { cursor } = this;
    let left = this.part();
    while (cursor.took('union')) {
      const isAll = cursor.took('all');
      if (!isAll) cursor.took('distinct');
      if (cursor.took('by', 'name')) throw new EvaluationError('refused: UNION BY NAME');
      left = { ...NOTHING, kind: 'union', isAll, left, right: this.part(), ctes: [] };
    }
    return left;
  }

  private part(): Query {
    const { cursor } = this;
    if (!cursor.took('(')) return this.select();
    const query = this.query();
    cursor.expect(')');
    return query;
  }

  private select(): Select {
    const { cursor } = this;
    const isFromFirst = cursor.took('from');
    const before = isFromFirst ? this.from() : null;
    const all: Entry = { expr: { kind: 'star', table: null, except: [] }, alias: null };
    let isDistinct = false;
    let entries = [all];
    if (!isFromFirst || cursor.is('select')) {
      cursor.expect('select');
      isDistinct = cursor.took('distinct');
      if (!isDistinct) cursor.took('all');
      if (cursor.is('on') && isDistinct) throw cursor.fault('expected no DISTINCT ON');
      entries = this.entries();
    }
    const from = before ?? (cursor.took('from') ? this.from() : null);
    const where = cursor.took('where') ? this.expr() : null;
    const groups = cursor.took('group', 'by') ? this.groups() : null;
    const having = cursor.took('having') ? this.expr() : null;
    const qualify = cursor.took('qualify') ? this.expr() : null;
    return {
      ...NOTHING,
      kind: 'select',
      ctes: [],
      isDistinct,
      entries,
      from,
      where,
      groups,
      having,
      qualify,
    };
  }

  private expr(): Expr {
    return this.expressions.expr();
  }

  private entries(): Entry[] {
    const { cursor } = this;
    const found = [this.entry()];
    while (cursor.took(',')) {
      // A comma may stand behind the last one.
      if (cursor.is('from', 'where', 'group', 'having', 'qualify', 'order', 'limit', 'offset', ')', ';'))
        break;
      if (cursor.token.kind === 'end') break;
      found.push(this.entry());
    }
    return found;
  }

  private entry(): Entry {
    const { cursor } = this;
    if (cursor.took('*')) return { expr: { kind: 'star', table: null, except: this.except() }, alias: null };
    const expr = this.expr();
    if (expr.kind === 'star') return { expr: { ...expr, except: this.except() }, alias: null };
    const alias = cursor.took('as') ? cursor.label() : cursor.bareLabel();
    return { expr, alias };
  }

  private except(): string[] {
    const { cursor } = this;
    let found: string[] = [];
    if (cursor.took('exclude', '(')) {
      found = cursor.list(() => cursor.name());
      cursor.expect(')');
    } else if (cursor.took('exclude')) found = [cursor.name()];
    if (cursor.is('replace', 'rename', 'like', 'ilike', 'similar', 'exclude', 'as', '.')) {
      throw cursor.fault('expected a plain star');
    }
    return found;
  }

  private groups(): 'all' | Expr[] {
    const { cursor } = this;
    if (cursor.took('all')) return 'all';
    return cursor.list(() => {
      if (cursor.is('(', '*', 'rollup', 'cube', 'grouping')) throw cursor.fault('expected plain groups');
      return this.expr();
    });
  }

  private from(): From {
    const { cursor } = this;
    let left = this.joined();
    while (cursor.took(',')) {
      left = { kind: 'join', join: 'cross', left, right: this.joined(), on: null, using: [] };
    }
    return left;
  }

  private joined(): From {
    const { cursor } = this;
    let left = this.source();
    for (;;) {
      const join = this.join();
      if (join === null) return left;
      const right = this.source();
      let on: Expr | null = null;
      let using: string[] = [];
      if (join !== 'cross' && cursor.took('using', '(')) {
        using = cursor.list(() => cursor.name());
        cursor.expect(')');
      } else if (join !== 'cross') {
        cursor.expect('on');
        on = this.expr();
      }
      left = { kind: 'join', join, left, right, on, using };
    }
  }

  private join(): 'inner' | 'left' | 'right' | 'cross' | null {
    const { cursor } = this;
    if (cursor.took('cross', 'join')) return 'cross';
    if (cursor.took('inner', 'join') || cursor.took('join')) return 'inner';
    for (const side of ['left', 'right'] as const) {
      if (cursor.took(side, 'join') || cursor.took(side, 'outer', 'join')) return side;
    }
    return null;
  }

  private source(): From {
    const { cursor } = this;
    if (cursor.took('(')) {
      if (!cursor.is('select', 'with', 'from', '(')) throw cursor.fault('expected a query');
      const query = this.query();
      cursor.expect(')');
      return { kind: 'derived', query, ...this.alias() };
    }
    // A text in place of a name is the name of a file to the engine.
    const name = cursor.token.kind === 'text' ? cursor.take().text : this.tableName();
    return { kind: 'table', name, ...this.alias() };
  }

  private tableName(): string {
    const { cursor } = this;
    const { kind, text } = cursor.token;
    const next = cursor.ahead(1);
    if (kind === 'name' && next.kind === 'sign' && next.text === '(') {
      if (isCallable(text)) checkFunction(text);
      throw cursor.fault('expected a table');
    }
    const name = cursor.name();
    if (cursor.is('.')) throw cursor.fault('expected a table');
    return name;
  }

  private alias(): { alias: string | null; columns: string[] } {
    const { cursor } = this;
    const alias = cursor.took('as') ? cursor.name() : cursor.bareLabel();
    return { alias, columns: alias === null ? [] : this.columns() };
  }

  private columns(): string[] {
    const { cursor } = this;
    if (!cursor.took('(')) return [];
    const found = cursor.list(() => cursor.name());
    cursor.expect(')');
    return found;
  }

  private ended(query: Query): Query {
    const { cursor, expressions } = this;
    if (!cursor.is('order', 'limit', 'offset')) return query;
    if (query.orders.length || query.orderAll || isCut(query) || query.ctes.length) {
      throw cursor.fault('expected one ORDER BY');
    }
    const orderAll = cursor.took('order', 'by', 'all') ? readDirection(expressions) : null;
    const orders = !orderAll && cursor.took('order', 'by') ? readKeys(expressions) : [];
    const limit = cursor.took('limit') ? this.count() : null;
    const offset = cursor.took('offset') ? this.count() : null;
    if (cursor.is('limit')) throw cursor.fault('expected LIMIT before OFFSET');
    return { ...query, orders, orderAll, limit, offset };
  }

  private count(): number {
    const { kind, text } = this.cursor.token;
    if (kind !== 'number' || !/^[0-9]{1,9}$/.test(text)) throw this.cursor.fault('expected a whole number');
    this.cursor.take();
    if (this.cursor.is('%', 'percent', 'rows', 'row')) throw this.cursor.fault('expected a number of rows');
    return Number(text);
  }
}
