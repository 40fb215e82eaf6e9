/** One SELECT: rows, or groups of them, and the values of its entries. */

import { Binder } from './binder.ts';
import { noMinusZero, unknown, type Bound } from './bound.ts';
import { keyOf } from './compare.ts';
import { condition } from './logic.ts';
import { nameOfEntry } from './names.ts';
import {
  checkWidth,
  distinctRows,
  innerOf,
  inOrder,
  outputOf,
  settle,
  type Result,
  type World,
} from './queries.ts';
import { Scope, type Relation } from './scope.ts';
import { GroupBinder, groupable, hasAggregate, keyed, RowBinder } from './select-binders.ts';
import { fromOf } from './sources.ts';
import { isCut, type Entry, type Expr, type Key, type Select } from './syntax.ts';
import type { Row, Value } from './types.ts';

const NO_FROM: Relation = { columns: [], rows: [[]], parts: [] };

export function runSelect(select: Select, world: World): Result {
  const whole = select.from ? fromOf(select.from, world) : NO_FROM;
  const scope = new Scope(whole.columns, world.isInner);
  const entries = select.entries.flatMap((entry) => unstarred(entry, scope));
  const kept = { ...whole, rows: filtered(select.where, entries, whole, scope, world) };
  const keys = select.orders.map((key) => key.expr);
  const isGrouped =
    select.groups !== null || select.having !== null || hasAggregate(entries) || hasAggregate(keys);
  const run = new SelectRun(select, entries, kept, scope, world);
  return isGrouped ? run.ofGroups() : run.ofRows();
}

/** An entry, with columns in place of a star. */
function unstarred(entry: Entry, scope: Scope): Entry[] {
  const { expr } = entry;
  if (expr.kind !== 'star') return [entry];
  return scope.star(expr.table, expr.except).map((at) => ({ expr: { kind: 'at', at }, alias: null }));
}

function filtered(
  where: Expr | null,
  entries: readonly Entry[],
  relation: Relation,
  scope: Scope,
  world: World,
): readonly Row[] {
  if (!where) return relation.rows;
  const binder = withAliases(new Binder(scope, world.work, innerOf(world)), entries);
  const test = condition(binder.bind(where));
  settle(test.checks, relation, false, world);
  world.work.run([test], relation.rows.length);
  return relation.rows.filter((row) => test.run(row) === true);
}

function withAliases<B extends Binder>(binder: B, entries: readonly Entry[]): B {
  for (const { alias, expr } of entries) if (alias !== null) binder.alias(alias, expr);
  binder.clause = 'other';
  return binder;
}

class SelectRun {
  private readonly select: Select;
  private readonly entries: readonly Entry[];
  private readonly relation: Relation;
  private readonly scope: Scope;
  private readonly world: World;

  constructor(select: Select, entries: readonly Entry[], relation: Relation, scope: Scope, world: World) {
    this.select = select;
    this.entries = entries;
    this.relation = relation;
    this.scope = scope;
    this.world = world;
  }

  ofRows(): Result {
    const binder = new RowBinder(this.scope, this.world.work, innerOf(this.world));
    const bound = this.bindEntries(binder);
    const columns = this.columnsOf(bound);
    const keys = this.bindKeys(binder, columns, bound);
    const { qualify } = this.select;
    const test = qualify && condition(binder.bind(qualify));
    const { windows } = binder;
    if (test && !windows.length) throw unknown('QUALIFY without a window');
    const all = [...bound, ...(test ? [test] : []), ...keys.flatMap(({ key }) => key ?? [])];
    this.settleAll(all, this.isPlain && !windows.length);
    settle(binder.windowChecks, this.relation, false, this.world);
    let rows = this.relation.rows;
    for (const { over } of windows) {
      // Windows go through rows without the values of others.
      const values = over(this.relation.rows);
      rows = rows.map((row, at) => [...row, values[at] as Value]);
    }
    if (test) rows = rows.filter((row) => test.run(row) === true);
    return this.finished(rows, bound, columns, keys);
  }

  ofGroups(): Result {
    const { scope, world } = this;
    if (this.select.qualify) throw unknown('QUALIFY of groups');
    const inner = innerOf(world);
    const base = withAliases(new Binder(scope, world.work, inner), this.entries);
    const exprs = this.groupExprs();
    const bound = exprs.map((expr) => {
      // An entry means by its names what it means in the SELECT.
      base.clause = this.entries.some((entry) => entry.expr === expr) ? 'select' : 'other';
      return groupable(base.bind(expr), this.relation.rows.length);
    });
    if (
      this.select.groups === 'all' &&
      !hasAggregate(this.entries) &&
      bound.every(({ refs }) => !refs.size)
    ) {
      throw unknown('GROUP BY ALL of constants');
    }
    const signatures = new Map(exprs.map((expr, at) => [base.signature(expr), at]));
    this.settleAll(bound, false);
    base.clause = 'arguments';
    const grouped = new GroupBinder(base, inner, signatures, bound, this.relation.rows.length);
    const values = this.bindEntries(grouped);
    const columns = this.columnsOf(values);
    const having = this.select.having && condition(grouped.bind(this.select.having));
    const keys = this.bindKeys(grouped, columns, values);
    settle(grouped.checks, this.relation, false, world);
    const all = [...values, ...(having ? [having] : []), ...keys.flatMap(({ key }) => key ?? [])];
    // What may fail over groups is not looked for.
    if (all.some(({ checks }) => checks.length))
      throw unknown('a cast or an operator that may fail on a group');
    let rows = this.groups(bound).map(([key, members]) => grouped.rowOf(key, members));
    if (having) rows = rows.filter((row) => having.run(row) === true);
    return this.finished(rows, values, columns, keys);
  }

  /** Nothing spares a row: what fails on one fails the statement. */
  private get isPlain(): boolean {
    const { from, isDistinct, where } = this.select;
    const isWhole = from === null || (from.kind === 'table' && this.relation.parts[0]?.rows !== null);
    return (
      this.world.isOutermost &&
      isWhole &&
      !where &&
      !isDistinct &&
      !isCut(this.select) &&
      this.relation.rows.length > 0
    );
  }

  private settleAll(bounds: readonly Bound[], isPlain: boolean): void {
    settle(
      bounds.flatMap(({ checks }) => checks),
      this.relation,
      isPlain,
      this.world,
    );
  }

  private bindEntries(binder: Binder): Bound[] {
    binder.clause = 'select';
    const bound = this.entries.map(({ alias, expr }) => {
      const found = binder.bind(expr);
      if (alias !== null) binder.alias(alias, expr);
      return found;
    });
    binder.clause = 'other';
    return bound;
  }

  private columnsOf(bound: readonly Bound[]): Result['columns'] {
    return this.entries.map(({ alias, expr }, number) => {
      const at = expr.kind === 'at' ? expr.at : expr.kind === 'column' ? this.scope.find(expr.names) : null;
      const { range, type } = bound[number] as Bound;
      return { name: alias ?? nameOfEntry(expr, this.scope.columns, at), type, range };
    });
  }

  /** Each key of ORDER BY: an entry by its number, or what is bound in its own right. */
  private bindKeys(binder: Binder, columns: Result['columns'], bound: readonly Bound[]): OrderKey[] {
    const own = this.entries.map(({ expr }) => binder.signature(expr));
    return this.select.orders.map((key) => {
      const how = { isDescending: key.isDescending, areNullsFirst: key.areNullsFirst };
      const at = this.entryOf(key, columns) ?? own.indexOf(binder.signature(key.expr));
      if (at >= 0) return { ...how, at, key: null, type: (bound[at] as Bound).type };
      if (this.select.isDistinct) throw unknown('DISTINCT in the order of what it leaves out');
      const found = keyed(binder.bind(key.expr));
      return { ...how, at: -1, key: found, type: found.type };
    });
  }

  private entryOf(key: Key, columns: Result['columns']): number | null {
    const { expr } = key;
    if (expr.kind === 'number') return outputOf(key, columns);
    if (expr.kind !== 'column' || expr.names.length > 1) return null;
    const aliases = columns.map((column, at) => ({
      ...column,
      name: this.entries[at]?.alias ?? '',
    }));
    return outputOf(key, aliases);
  }

  private groupExprs(): Expr[] {
    const { groups } = this.select;
    const exprs = this.entries.map(({ expr }) => expr);
    if (groups === 'all') return exprs.filter((expr) => !hasAggregate(expr) && !isConstant(expr));

    return (groups ?? []).map((group) => {
      const place = group.kind === 'number' && /^[0-9]{1,9}$/.test(group.text) ? Number(group.text) : null;
      const found = place === null ? group : exprs[place - 1];
      if (!found || (place === null && isConstant(group)) || hasAggregate(found))
        throw unknown('such a GROUP BY');
      return found;
    });
  }

  private groups(bound: readonly Bound[]): [Value[], Row[]][] {
    if (!bound.length) return [[[], [...this.relation.rows]]];
    const found = new Map<string, [Value[], Row[]]>();
    this.world.work.run(bound, this.relation.rows.length);
    for (const row of this.relation.rows) {
      const values = bound.map((part) => noMinusZero(part.run(row)));
      const key = keyOf(values);
      const group = found.get(key);
      if (group) group[1].push(row);
      else found.set(key, [values, [row]]);
    }
    return [...found.values()];
  }

  private finished(
    rows: readonly Row[],
    bound: readonly Bound[],
    columns: Result['columns'],
    keys: readonly OrderKey[],
  ): Result {
    const { select, world } = this;
    if (isCut(select) && !world.isOutermost) checkWidth(select);
    world.work.run([...bound, ...keys.flatMap(({ key }) => key ?? [])], rows.length);
    let pairs: { env: Row; row: Row }[] = rows.map((row) => ({
      env: row,
      row: bound.map((part) => part.run(row)),
    }));
    if (select.isDistinct) {
      const left = distinctRows(
        pairs.map(({ row }) => row),
        bound.map(({ type }) => type),
      );
      pairs = left.map((row) => ({ env: row, row }));
    }
    const sortable = pairs.map(({ env, row }) => ({
      row,
      keys: keys.map(({ at, key }) => (key ? key.run(env) : (row[at] as Value))),
    }));
    return {
      columns,
      rows: inOrder(
        select,
        world,
        columns,
        sortable,
        keys,
        keys.map(({ type }) => type),
      ),
    };
  }
}

interface OrderKey {
  readonly isDescending: boolean;
  readonly areNullsFirst: boolean;
  /** The number of the entry; -1 where `key` is what it sorts by. */
  readonly at: number;
  readonly key: Bound | null;
  readonly type: Bound['type'];
}

function isConstant({ kind }: Expr): boolean {
  return ['null', 'boolean', 'number', 'text'].includes(kind);
}
