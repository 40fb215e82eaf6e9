/** What calls of aggregates and windows mean among the entries of a SELECT. */

import { aggregate, isAggregate, placeOf, type Aggregate, type Asked } from './aggregates.ts';
import { Binder, type Inner, type Of } from './binder.ts';
import { column, unknown, type Bound, type Check } from './bound.ts';
import { condition } from './logic.ts';
import type { Expr } from './syntax.ts';
import { nameOf, type Row, type Value } from './types.ts';
import { windowOf, type Window } from './windows.ts';

/** True where an expression has an aggregate that is not over a window. */
export function hasAggregate(root: unknown): boolean {
  if (typeof root !== 'object' || root === null) return false;
  const node = root as Expr;
  if ('ctes' in node) return false;
  if (node.kind === 'call' && !node.over && isAggregate(node.name)) return true;
  return Object.values(node).some(hasAggregate);
}

/** True where an expression has a query in it. */
function hasQuery(root: unknown): boolean {
  if (typeof root !== 'object' || root === null) return false;
  return 'ctes' in root || Object.values(root).some(hasQuery);
}

/** An aggregate's arguments, bound over the rows that it goes through. */
function askedOf(expr: Of<'call'>, binder: Binder): Asked {
  // The engine does not know the completed key for the argument again.
  if (expr.isDistinct && hasQuery(expr.args)) throw unknown('DISTINCT with a query in it');
  const [own] = expr.args.map((arg) => binder.signature(arg));
  return {
    name: expr.name,
    args: expr.args.map((arg) => binder.bind(arg)),
    isDistinct: expr.isDistinct,
    orders: expr.orders.map(({ expr: key, ...how }) => ({ key: keyed(binder.bind(key)), ...how })),
    isOwnOrder: expr.orders.every(({ expr: key }) => binder.signature(key) === own),
    filter: expr.filter && condition(binder.bind(expr.filter)),
  };
}

/** What an ORDER BY may sort by: a constant is left to the engine. */
export function keyed(key: Bound): Bound {
  if (!key.refs.size || key.type.kind === 'NULL') throw unknown('an order by a constant');
  return key;
}

/** All parts of what an aggregate looks at that may fail. */
function checksOf({ args, filter, orders }: Asked): Check[] {
  const all = [...args, ...orders.map(({ key }) => key), ...(filter ? [filter] : [])];
  return all.flatMap(({ checks }) => checks.map((check) => ({ ...check, isCertain: false })));
}

/** Over rows as they are; the values of windows stand behind the row's own. */
export class RowBinder extends Binder {
  readonly windows: Window[] = [];
  /** What may fail in the windows. */
  readonly windowChecks: Check[] = [];
  private isWithin = false;

  protected override call(expr: Of<'call'>): Bound {
    if (!expr.over) return super.call(expr);
    if (this.isWithin) throw unknown('a window within a window');
    const { orders, partitions } = expr.over;
    this.isWithin = true;
    const asked = askedOf(expr, this);
    const window = windowOf(
      asked,
      partitions.map((part) => keyed(this.bind(part))),
      orders.map(({ expr: key, ...how }) => ({ key: keyed(this.bind(key)), ...how })),
      this.work,
    );
    this.isWithin = false;
    this.windowChecks.push(...window.checks);
    this.windows.push(window);
    return column(window.type, this.scope.columns.length + this.windows.length - 1, window.range);
  }
}

/** Over groups: a row has the values of their keys, and then those of the aggregates. */
export class GroupBinder extends Binder {
  readonly aggregates: Aggregate[] = [];
  readonly checks: Check[] = [];
  private readonly base: Binder;
  private readonly keys: ReadonlyMap<string, number>;
  private readonly bound: readonly Bound[];
  private readonly count: number;

  constructor(
    base: Binder,
    inner: Inner,
    keys: ReadonlyMap<string, number>,
    bound: readonly Bound[],
    count: number,
  ) {
    super(base.scope, base.work, inner);
    this.base = base;
    this.keys = keys;
    this.bound = bound;
    this.count = count;
  }

  override bind(expr: Expr): Bound {
    const isPlain = ['number', 'text', 'null', 'boolean', 'column', 'at'].includes(expr.kind);
    if (!isPlain && this.keys.size && !hasAggregate(expr)) {
      const at = this.keys.get(this.signature(expr));
      if (at !== undefined) return this.keyAt(at);
    }
    return super.bind(expr);
  }

  protected override call(expr: Of<'call'>): Bound {
    if (expr.over || !isAggregate(expr.name)) return super.call(expr);
    const asked = askedOf(expr, this.base);
    this.checks.push(...checksOf(asked));
    const made = aggregate(asked, this.count, this.bound.length > 0, this.work);
    this.aggregates.push(made);
    return placeOf(made, this.bound.length + this.aggregates.length - 1);
  }

  protected override columnAt(at: number): Bound {
    const key = this.keys.get(JSON.stringify(`column ${at}`));
    if (key === undefined)
      throw unknown(`the column ${this.scope.columns[at]?.name ?? at}, which is in no group`);
    return this.keyAt(key);
  }

  private keyAt(at: number): Bound {
    const { range, type } = this.bound[at] as Bound;
    return column(type, at, range);
  }

  /** The row of a group of rows. */
  rowOf(keys: readonly Value[], rows: readonly Row[]): Row {
    return [...keys, ...this.aggregates.map(({ over }) => over(rows))];
  }
}

/** Refuse what has no key for its values. */
export function groupable(bound: Bound, rows: number): Bound {
  // Over no rows, a group by what is the same everywhere may be left out or not.
  if (['LIST', 'STRUCT', 'NULL'].includes(bound.type.kind) || (!bound.refs.size && !rows)) {
    throw unknown(`groups of ${nameOf(bound.type)}`);
  }
  return bound;
}
