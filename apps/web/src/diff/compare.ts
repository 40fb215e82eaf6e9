/** Where two JSON values differ. Pure. Paths are JSON Pointers (RFC 6901) into the value of before and of now. */

import { escaped } from '../proof/json/pointer.ts';

export type Change =
  | { readonly kind: 'added'; readonly to: string; readonly now: unknown }
  | { readonly kind: 'removed'; readonly from: string; readonly before: unknown }
  | {
      readonly kind: 'changed';
      readonly from: string;
      readonly to: string;
      readonly before: unknown;
      readonly now: unknown;
    }
  | { readonly kind: 'moved'; readonly from: string; readonly to: string; readonly now: unknown };

/** In the order of what was before; empty exactly when both are the same value, whatever the order of their names. */
export function compare(before: unknown, now: unknown): Change[] {
  return walk(before, now, '', '');
}

/** Pairs of places of equal items that stand in the same order on both sides: a longest such row. */
export function aligned(
  before: readonly string[],
  now: readonly string[],
): readonly (readonly [number, number])[] {
  return split(before, now).kept;
}

function walk(before: unknown, now: unknown, from: string, to: string): Change[] {
  if (Array.isArray(before) && Array.isArray(now)) return ofLists(before, now, from, to);
  if (isRecord(before) && isRecord(now)) return ofRecords(before, now, from, to);
  return spelled(before) === spelled(now) ? [] : [{ kind: 'changed', from, to, before, now }];
}

function ofRecords(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  from: string,
  to: string,
): Change[] {
  const gone = Object.keys(before).flatMap((name): Change[] => {
    const path = `${from}/${escaped(name)}`;
    return Object.hasOwn(now, name)
      ? walk(before[name], now[name], path, `${to}/${escaped(name)}`)
      : [{ kind: 'removed', from: path, before: before[name] }];
  });
  const fresh = Object.keys(now).filter((name) => !Object.hasOwn(before, name));
  return [
    ...gone,
    ...fresh.map((name): Change => ({ kind: 'added', to: `${to}/${escaped(name)}`, now: now[name] })),
  ];
}

function ofLists(before: readonly unknown[], now: readonly unknown[], from: string, to: string): Change[] {
  const found = split(before.map(spelled), now.map(spelled));
  const pairs = Math.min(found.gone.length, found.fresh.length);
  const changes: Change[] = found.moved.map(([a, b]) => ({
    kind: 'moved',
    from: `${from}/${String(a)}`,
    to: `${to}/${String(b)}`,
    now: now[b],
  }));
  // What is left over on both sides is taken for the same item, changed, in its turn.
  for (let at = 0; at < pairs; at++) {
    const [a, b] = [found.gone[at] as number, found.fresh[at] as number];
    changes.push(...walk(before[a], now[b], `${from}/${String(a)}`, `${to}/${String(b)}`));
  }
  for (const a of found.gone.slice(pairs))
    changes.push({ kind: 'removed', from: `${from}/${String(a)}`, before: before[a] });
  for (const b of found.fresh.slice(pairs))
    changes.push({ kind: 'added', to: `${to}/${String(b)}`, now: now[b] });
  return changes;
}

type Pair = readonly [number, number];

/** Equal items of two rows, the n-th of a kind with the n-th: those in the same order, those moved, and the rest. */
function split(
  before: readonly string[],
  now: readonly string[],
): { kept: Pair[]; moved: Pair[]; gone: number[]; fresh: number[] } {
  const places = new Map<string, number[]>();
  before.forEach((item, at) => {
    const known = places.get(item);
    if (known) known.push(at);
    else places.set(item, [at]);
  });
  const used = new Map<string, number>();
  const pairs: Pair[] = [];
  const fresh: number[] = [];
  now.forEach((item, at) => {
    const next = used.get(item) ?? 0;
    const place = places.get(item)?.[next];
    if (place === undefined) fresh.push(at);
    else {
      used.set(item, next + 1);
      pairs.push([place, at]);
    }
  });
  const kept = new Set(longestRising(pairs.map(([place]) => place)));
  const matched = new Set(pairs.map(([place]) => place));
  return {
    kept: pairs.filter((_, at) => kept.has(at)),
    moved: pairs.filter((_, at) => !kept.has(at)),
    gone: before.flatMap((_, at) => (matched.has(at) ? [] : [at])),
    fresh,
  };
}

/** Places of a longest strictly rising subsequence (patience sorting, n log n). */
function longestRising(values: readonly number[]): number[] {
  const ends: number[] = [];
  const behind: number[] = [];
  values.forEach((value, at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[ends[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    behind[at] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = at;
  });
  const row: number[] = [];
  for (let at = ends.at(-1) ?? -1; at !== -1; at = behind[at] as number) row.push(at);
  return row.reverse();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** One spelling a value: names sorted. */
function spelled(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spelled).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'undefined';
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${spelled(value[name])}`).join(',')}}`;
}
