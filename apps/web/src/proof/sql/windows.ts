/** Windows: ranks, and aggregates of what does not depend on an order, over partitions. */

import { aggregate, isAggregate, type Asked } from './aggregates.ts';
import { unknown, type Bound, type Check } from './bound.ts';
import { keyOf, orderOf, type SortKey } from './compare.ts';
import { BIGINT, type Range, type Row, type Type, type Value } from './types.ts';
import type { Work } from './work.ts';

export interface Window {
  readonly type: Type;
  readonly range: Range | null;
  readonly checks: readonly Check[];
  /** The value of each row. */
  readonly over: (rows: readonly Row[]) => Value[];
}

type Orders = readonly (Omit<SortKey, 'type'> & { readonly key: Bound })[];

/** A row, its keys of the ORDER BY, and its number. */
interface Placed {
  readonly row: Row;
  readonly keys: readonly Value[];
  readonly at: number;
}

/** The values of each row of one partition whose rows are in order and cut into peers. */
type Values = (peers: readonly (readonly Placed[])[]) => Value[];

export function windowOf(asked: Asked, partitions: readonly Bound[], orders: Orders, work: Work): Window {
  const { filter, isDistinct, name } = asked;
  const isRank = name === 'rank' || name === 'dense_rank';
  if (isDistinct || asked.orders.length || (isRank && (filter || !orders.length || asked.args.length))) {
    throw unknown(`such a window of ${name}`);
  }
  const bounds = [...asked.args, ...partitions, ...orders.map(({ key }) => key), ...(filter ? [filter] : [])];
  const checks = bounds.flatMap((bound) => bound.checks.map((check) => ({ ...check, isCertain: false })));
  if (isRank) {
    return { type: BIGINT, range: null, checks, over: spread(partitions, orders, ranks(name), work) };
  }
  const { values, ...made } = totals(asked, work);
  return { ...made, checks, over: spread(partitions, orders, values, work) };
}

function ranks(name: string): Values {
  return (peers) => {
    let before = 0;
    return peers.flatMap((group, number) => {
      const rank = BigInt(name === 'rank' ? before + 1 : number + 1);
      before += group.length;
      return group.map(() => rank);
    });
  };
}

function totals(asked: Asked, work: Work): { type: Type; range: Range | null; values: Values } {
  const isMean = asked.name === 'avg' || asked.args[0]?.type.kind === 'DOUBLE';
  const isFree = ['count', 'count_star', 'count_if', 'min', 'max', 'bool_and', 'bool_or', 'sum'].includes(
    asked.name,
  );
  // How the engine adds doubles along a window is its own affair.
  if (!isAggregate(asked.name) || !isFree || (isMean && !['count', 'min', 'max'].includes(asked.name))) {
    throw unknown(`such a window of ${asked.name}`);
  }
  const { over, range, type } = aggregate(asked, 2 ** 31, false, work);
  const values: Values = (peers) => {
    const seen: Row[] = [];
    return peers.flatMap((group) => {
      seen.push(...group.map(({ row }) => row));
      const value = over(seen);
      return group.map(() => value);
    });
  };
  return { type, range, values };
}

function spread(partitions: readonly Bound[], orders: Orders, values: Values, work: Work): Window['over'] {
  const compare = orderOf(orders.map(({ key, ...how }) => ({ type: key.type, ...how })));
  return (rows) => {
    work.run([...partitions, ...orders.map(({ key }) => key)], rows.length);
    const parted = new Map<string, Placed[]>();
    rows.forEach((row, at) => {
      const part = keyOf(partitions.map((bound) => bound.run(row)));
      const placed = parted.get(part) ?? [];
      parted.set(part, placed);
      placed.push({ row, keys: orders.map(({ key }) => key.run(row)), at });
    });
    const found: Value[] = rows.map(() => null);
    for (const placed of parted.values()) {
      work.spend(placed.length);
      placed.sort((left, right) => compare(left.keys, right.keys));
      const peers: Placed[][] = [];
      for (const one of placed) {
        const last = peers.at(-1);
        if (last && compare((last[0] as Placed).keys, one.keys) === 0) last.push(one);
        else peers.push([one]);
      }
      values(peers).forEach((value, number) => (found[(placed[number] as Placed).at] = value));
    }
    return found;
  };
}
