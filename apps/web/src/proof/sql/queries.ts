/** Runs queries: FROM, WITH, UNION and what stands behind them; one SELECT is in `select.ts`. */

import { EvaluationError } from '../expressions/errors.ts';
import type { Inner } from './binder.ts';
import { column, constant, noMinusZero, unknown, type Bound, type Check } from './bound.ts';
import { converted } from './casts.ts';
import { keyOf, orderOf, type SortKey } from './compare.ts';
import { runSelect } from './select.ts';
import type { Column, Relation } from './scope.ts';
import { folded, isCut, type Key, type Query, type Union } from './syntax.ts';
import type { Table } from './tables.ts';
import { commonType, type Row, type Type, type Value } from './types.ts';
import type { Work } from './work.ts';

/** What a query gives. */
export interface Result {
  readonly columns: readonly Omit<Column, 'isHidden' | 'table'>[];
  readonly rows: readonly Row[];
}

/** A query of WITH, run when it is first read. */
export type Named = () => Result;

export interface World {
  readonly tables: ReadonlyMap<string, Table>;
  readonly work: Work;
  readonly named: ReadonlyMap<string, Named>;
  /** True where the statement has a sum. */
  readonly hasSum: boolean;
  /** True for the outermost query. */
  readonly isOutermost: boolean;
  /** True within an expression of another query. */
  readonly isInner: boolean;
}

export function runQuery(query: Query, world: World): Result {
  const unread = new Set<string>();
  const inside = withNamed(query, world, unread);
  const result = query.kind === 'select' ? runSelect(query, inside) : runUnion(query, inside);
  // Whether the engine looks at what is wrong with one that nobody reads is not known here.
  if (unread.size) throw unknown('a query of WITH that nobody reads');
  return result;
}

function withNamed(query: Query, world: World, unread: Set<string>): World {
  const named = new Map(world.named);
  for (const cte of query.ctes) {
    const key = folded(cte.name);
    const isTaken = [...world.tables.keys()].some((name) => folded(name) === key);
    if (isTaken || named.has(key)) throw unknown(`a query of WITH with the name ${cte.name} of another`);
    unread.add(key);
    const inside = { ...world, named: new Map(named), isOutermost: false };
    let known: Result | null = null;
    named.set(key, () => {
      unread.delete(key);
      known ??= renamed(runQuery(cte.query, inside), cte.columns);
      return known;
    });
  }
  return { ...world, named };
}

/** The columns under other names. */
export function renamed(result: Result, names: readonly string[]): Result {
  if (!names.length) return result;
  if (names.length !== result.columns.length) throw unknown('names for other than all columns');
  return { ...result, columns: result.columns.map((item, at) => ({ ...item, name: names[at] ?? null })) };
}

function runUnion(query: Union, world: World): Result {
  const inside = { ...world, isOutermost: false };
  const [left, right] = [runQuery(query.left, inside), runQuery(query.right, inside)];
  if (left.columns.length !== right.columns.length) throw unknown('a UNION of other numbers of columns');
  const columns = left.columns.map(({ name, range, type }, at) => {
    const other = right.columns[at] as Column;
    const span = range && other.range ? union(range, other.range) : null;
    return { name, type: commonType(type, other.type), range: span };
  });
  const types = columns.map(({ type }) => type);
  const rows = [...asTypes(left, types), ...asTypes(right, types)];
  world.work.spend(rows.length * columns.length);
  const all = query.isAll ? rows : distinctRows(rows, types);
  return sorted(query, { columns, rows: all }, world);
}

function union(a: readonly [bigint, bigint], b: readonly [bigint, bigint]): [bigint, bigint] {
  return [a[0] < b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]];
}

function asTypes({ columns, rows }: Result, types: readonly Type[]): Row[] {
  const made = columns.map(({ range, type }, at) => converted(column(type, at, range), types[at] as Type));
  return rows.map((row) => made.map((bound) => bound.run(row)));
}

export function distinctRows(rows: readonly Row[], types: readonly Type[]): Row[] {
  if (types.some(({ kind }) => kind === 'LIST' || kind === 'STRUCT'))
    throw unknown('DISTINCT of lists or structures');
  const found = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row.map(noMinusZero));
    if (!found.has(key)) found.set(key, row);
  }
  return [...found.values()];
}

/** The rows of a UNION in their order. */
function sorted(query: Union, result: Result, world: World): Result {
  const keys = query.orders.map((key) => ({ ...key, at: outputOf(key, result.columns) }));
  if (keys.some(({ at }) => at === null)) throw unknown('an order of a UNION by other than its columns');
  if (isCut(query) && !world.isOutermost) checkWidth(query);
  const pairs = result.rows.map((row) => ({ row, keys: keys.map(({ at }) => row[at as number] as Value) }));
  const types = keys.map(({ at }) => (result.columns[at as number] as Column).type);
  return { ...result, rows: inOrder(query, world, result.columns, pairs, keys, types) };
}

/** Throws EvaluationError where nobody can say how many columns an inner query with a LIMIT has. */
export function checkWidth(query: Query): void {
  if (query.orderAll) return;
  let first = query;
  while (first.kind === 'union') first = first.left;
  const isUnknown = first.entries.some(
    ({ expr }) => expr.kind === 'star' || (expr.kind === 'call' && expr.name === 'unnest'),
  );
  if (isUnknown) throw new EvaluationError('refused: an inner LIMIT or OFFSET over columns without names');
}

/** The number of the column of the result that a key names by its place or its name; null for another key. */
export function outputOf({ expr }: Key, columns: Result['columns']): number | null {
  if (expr.kind === 'number') {
    const place = /^[0-9]{1,9}$/.test(expr.text) ? Number(expr.text) : 0;
    if (place < 1 || place > columns.length) throw unknown(`an order by ${expr.text}`);
    return place - 1;
  }
  if (expr.kind !== 'column' || expr.names.length > 1) return null;
  const found = columns.flatMap(({ name }, at) =>
    name !== null && folded(name) === folded(expr.names[0] as string) ? [at] : [],
  );
  if (found.length > 1 || columns.some(({ name }) => name === null)) throw unknown('such names in an order');
  return found[0] ?? null;
}

interface Pair {
  readonly row: Row;
  readonly keys: readonly Value[];
}

/** The rows sorted by their keys and, where the specification completes the order, by all their columns; then cut. */
export function inOrder(
  query: Query,
  world: World,
  columns: Result['columns'],
  pairs: readonly Pair[],
  keys: readonly Omit<SortKey, 'type'>[],
  types: readonly Type[],
): Row[] {
  const written = keys.map(({ areNullsFirst, isDescending }, at) => ({
    areNullsFirst,
    isDescending,
    type: types[at] as Type,
  }));
  const how = query.orderAll ?? { isDescending: false, areNullsFirst: false };
  const further = columns.map(({ type }) => ({ ...how, type }));
  let rows = pairs.map(({ row }) => row);
  if (query.orders.length || query.orderAll) {
    const compare = orderOf([...written, ...further]);
    const whole = pairs.map((pair) => ({ row: pair.row, keys: [...pair.keys, ...pair.row] }));
    world.work.spend(whole.length * Math.log2(whole.length + 2));
    rows = whole.sort((left, right) => compare(left.keys, right.keys)).map(({ row }) => row);
  }
  const from = query.offset ?? 0;
  return isCut(query) ? rows.slice(from, query.limit === null ? undefined : from + query.limit) : rows;
}

/** The single column of a query within an expression. */
export function innerOf(world: World): Inner {
  return (query) => {
    const result = runQuery(query, { ...world, isOutermost: false, isInner: true });
    const [only] = result.columns;
    if (!only) throw unknown('a query without columns');
    const items: Bound[] = result.rows.map((row) => constant(only.type, row[0] as Value));
    return { items, isOne: result.columns.length === 1 };
  };
}

/** Throws where a part may fail on rows that the engine may meet, whichever way it goes about the query. */
export function settle(checks: readonly Check[], relation: Relation, isPlain: boolean, world: World): void {
  for (const { cost, isCertain, refs, run } of checks) {
    const rows = rowsFor(refs, relation);
    if (rows === null) throw unknown('a cast or an operator that may fail on rows that are put together');
    world.work.spend(rows.length * cost);
    for (const row of rows) {
      try {
        run(row);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        if (isCertain && isPlain) throw new EvaluationError(error.message);
        throw unknown(`what fails on a row that may not be met: ${error.message}`);
      }
    }
  }
}

function rowsFor(refs: ReadonlySet<number>, { columns, parts }: Relation): Row[] | null {
  const nothing = new Array<Value>(columns.length).fill(null);
  if (!refs.size) return [nothing];
  const part = parts.find(({ from, to }) => [...refs].every((at) => at >= from && at < to));
  if (!part?.rows) return null;
  return part.rows.map((row) => [...nothing.slice(0, part.from), ...row, ...nothing.slice(part.to)]);
}
