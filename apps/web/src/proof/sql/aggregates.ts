/** Aggregates over the rows of a group, in the order that the specification completes. */

import { column, noMinusZero, RowError, unknown, type Bound, type Run } from './bound.ts';
import { cast } from './casts.ts';
import { comparisonOf, keyOf, orderOf, type SortKey } from './compare.ts';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  HUGEINT,
  isNumeric,
  isWhole,
  nameOf,
  VARCHAR,
  type Range,
  type Row,
  type Type,
  type Value,
} from './types.ts';
import type { Work } from './work.ts';

const NAMES: ReadonlySet<string> = new Set(
  'count count_star count_if sum avg min max bool_and bool_or list array_agg string_agg'.split(' '),
);
// Aggregates of the engine that are not here: a call of one makes the query a query of groups too.
const OTHERS: ReadonlySet<string> = new Set(
  'bit_and bit_or bit_xor first last median quantile_disc'.split(' '),
);

export function isAggregate(name: string): boolean {
  if (OTHERS.has(name)) throw unknown(`the aggregate ${name}`);
  return NAMES.has(name);
}

export interface Aggregate {
  readonly type: Type;
  readonly range: Range | null;
  readonly over: (rows: readonly Row[]) => Value;
}

export interface Asked {
  readonly name: string;
  readonly args: readonly Bound[];
  readonly isDistinct: boolean;
  readonly orders: readonly (Omit<SortKey, 'type'> & { readonly key: Bound })[];
  /** True where all of `orders` are the argument itself. */
  readonly isOwnOrder: boolean;
  readonly filter: Bound | null;
}

interface Fold {
  readonly type: Type;
  readonly range?: Range;
  /** True for what does not depend on the order of values. */
  readonly isFree: boolean;
  readonly keepsNull?: boolean;
  readonly fold: (values: Value[]) => Value;
}

/** The aggregate over at most `most` rows, at least one of them where `isFilled`. */
export function aggregate(asked: Asked, most: number, isFilled: boolean, work: Work): Aggregate {
  const { filter, isDistinct, name } = asked;
  const looked = [...asked.args, ...asked.orders.map(({ key }) => key), ...(filter ? [filter] : [])];
  const isKept = (rows: readonly Row[]): readonly Row[] => {
    work.run(looked, rows.length);
    return filter ? rows.filter((row) => filter.run(row) === true) : rows;
  };
  if (name === 'count_star') {
    if (isDistinct) throw unknown('count(DISTINCT *)');
    const least = isFilled && !filter ? 1n : 0n;
    return { type: BIGINT, range: [least, BigInt(most)], over: (rows) => BigInt(isKept(rows).length) };
  }
  const arg = argumentOf(asked);
  const fold = foldOf(asked, arg, BigInt(most));
  const { run, order } = ordered(asked, arg, fold);
  const over = (rows: readonly Row[]): Value => {
    const kept = order ? order(isKept(rows)) : isKept(rows);
    let values = kept.map((row) => run(row));
    if (!fold.keepsNull) values = values.filter((value) => value !== null);
    return fold.fold(isDistinct ? distinct(values) : values);
  };
  return { type: fold.type, range: fold.range ?? null, over };
}

function argumentOf({ args, name }: Asked): Bound {
  const [arg, ...more] = args;
  if (!arg || more.length > (name === 'string_agg' ? 1 : 0) || arg.type.kind === 'NULL') {
    throw unknown(`${name} of so many values`);
  }
  return name === 'avg' && isNumeric(arg.type) ? cast(arg, DOUBLE, false) : arg;
}

/** The keys that are written, and then the argument itself, where the order of values matters. */
function ordered(
  { isDistinct, isOwnOrder, name, orders }: Asked,
  arg: Bound,
  { isFree }: Fold,
): { run: Run; order: ((rows: readonly Row[]) => Row[]) | null } {
  if (isFree) return { run: arg.run, order: null };
  if (isDistinct && !isOwnOrder) {
    throw unknown(`${name}(DISTINCT …) in another order than its own`);
  }
  const all = [...orders, { key: arg, isDescending: false, areNullsFirst: false }];
  const compare = orderOf(all.map(({ key, ...how }) => ({ type: key.type, ...how })));
  const order = (rows: readonly Row[]): Row[] =>
    rows
      .map((row) => ({ row, keys: all.map(({ key }) => key.run(row)) }))
      .sort((left, right) => compare(left.keys, right.keys))
      .map(({ row }) => row);
  return { run: arg.run, order };
}

function distinct(values: readonly Value[]): Value[] {
  const found = new Map<string, Value>();
  for (const value of values) {
    const key = keyOf([noMinusZero(value)]);
    if (!found.has(key)) found.set(key, value);
  }
  return [...found.values()];
}

function foldOf(asked: Asked, arg: Bound, most: bigint): Fold {
  const { name } = asked;
  const { type } = arg;
  switch (name) {
    case 'count':
      return { type: BIGINT, range: [0n, most], isFree: true, fold: (values) => BigInt(values.length) };
    case 'sum':
    case 'avg':
      return added(name, arg, most);
    case 'min':
    case 'max':
      return extreme(arg, name === 'min' ? -1 : 1);
    case 'count_if':
    case 'bool_and':
    case 'bool_or':
      return ofConditions(name, type, most);
    case 'string_agg':
      return texts(asked, type);
    default:
      if (type.kind === 'LIST' || type.kind === 'STRUCT') throw unknown(`a list of ${nameOf(type)}`);
      return {
        type: { kind: 'LIST', item: type },
        isFree: false,
        keepsNull: true,
        fold: (values) => (values.length ? values : null),
      };
  }
}

function added(name: string, arg: Bound, most: bigint): Fold {
  const { type } = arg;
  if (type.kind === 'DOUBLE') {
    // The engine multiplies what is the same on every row.
    if (!arg.refs.size) throw unknown(`${name} of a constant`);
    const isMean = name === 'avg';
    const fold = (values: Value[]): Value => {
      if (!values.length) return null;
      let total = 0;
      for (const value of values) total += value as number;
      return isMean ? total / values.length : total;
    };
    return { type: DOUBLE, isFree: false, fold };
  }
  if (name === 'avg' || !(isWhole(type) || type.kind === 'DECIMAL' || type.kind === 'BOOLEAN')) {
    throw unknown(`${name} of ${nameOf(type)}`);
  }
  const [least, greatest] = arg.range ?? [0n, 1n];
  const range: Range = [least < 0n ? least * most : 0n, greatest > 0n ? greatest * most : 0n];
  const fold = (values: Value[]): Value => {
    if (!values.length) return null;
    let total = 0n;
    for (const value of values) total += BigInt(value as bigint | boolean);
    if (total >= 2n ** 120n || total <= -(2n ** 120n)) throw new RowError('an overflow of HUGEINT');
    return total;
  };
  const sum: Type = type.kind === 'DECIMAL' ? { kind: 'DECIMAL', width: 38, scale: type.scale } : HUGEINT;
  return { type: sum, range, isFree: true, fold };
}

function extreme({ range, type }: Bound, sign: number): Fold {
  if (['LIST', 'STRUCT', 'JSON'].includes(type.kind)) throw unknown(`the greatest of ${nameOf(type)}`);
  const compare = comparisonOf(type);
  const fold = (values: Value[]): Value =>
    values.length
      ? values.map(noMinusZero).reduce((best, value) => (compare(value, best) * sign > 0 ? value : best))
      : null;
  return { type, ...(range ? { range } : {}), isFree: true, fold };
}

function ofConditions(name: string, type: Type, most: bigint): Fold {
  if (type.kind !== 'BOOLEAN') throw unknown(`${name} of ${nameOf(type)}`);
  if (name === 'count_if') {
    // It is the sum of what is 1 or 0 on each row, and so null over none.
    const fold = (values: Value[]): Value =>
      values.length ? BigInt(values.filter((value) => value === true).length) : null;
    return { type: HUGEINT, range: [0n, most], isFree: true, fold };
  }
  const isAll = name === 'bool_and';
  const fold = (values: Value[]): Value =>
    values.length ? (isAll ? values.every((value) => value === true) : values.includes(true)) : null;
  return { type: BOOLEAN, isFree: true, fold };
}

function texts({ args, isDistinct }: Asked, type: Type): Fold {
  const separator = args[1];
  const text = separator ? separator.run([]) : ',';
  if (type.kind !== 'VARCHAR' || typeof text !== 'string' || separator?.refs.size)
    throw unknown('such a string_agg');
  if (isDistinct && separator && !separator.isText) throw unknown('such a string_agg');
  const fold = (values: Value[]): Value => (values.length ? values.join(text) : null);
  return { type: VARCHAR, isFree: false, fold };
}

/** A place of the row of groups and aggregates. */
export function placeOf({ range, type }: Aggregate, at: number): Bound {
  return column(type, at, range);
}
