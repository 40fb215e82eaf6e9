/** The columns of the histogram: what stands in each, which times it means, and what it says in words. Pure. */

import type { Histogram } from '../../api/types.ts';
import { executionLook, type Look, type Tone } from '../../ui/status.ts';

/** From the ground up: what went well carries what did not. */
const ORDER: readonly Tone[] = ['good', 'over', 'calm', 'busy', 'warn', 'bad'];

export interface Column {
  /** Milliseconds; the end is no part of it. */
  readonly from: number;
  readonly to: number;
  readonly total: number;
  /** Parts of the highest column, from the ground up. */
  readonly parts: readonly { readonly tone: Tone; readonly share: number }[];
  /** `3 done, 1 failed`. */
  readonly words: string;
}

export function columnsOf(histogram: Histogram): readonly Column[] {
  const begin = Date.parse(histogram.from);
  const width = histogram.seconds * 1000;
  const most = Math.max(1, ...histogram.buckets.map((bucket) => bucket.total));
  return histogram.buckets.map((bucket, at) => ({
    from: begin + at * width,
    to: begin + (at + 1) * width,
    total: bucket.total,
    parts: partsOf(bucket.outcomes, most),
    words: wordsOf(bucket.outcomes),
  }));
}

type Outcomes = Histogram['buckets'][number]['outcomes'];

function partsOf(outcomes: Outcomes, most: number): Column['parts'] {
  const counts = countsBy(outcomes, (look) => look.tone);
  return ORDER.flatMap((tone) => {
    const count = counts.get(tone) ?? 0;
    return count ? [{ tone, share: count / most }] : [];
  });
}

function wordsOf(outcomes: Outcomes): string {
  return [...countsBy(outcomes, (look) => look.word)]
    .sort(([, one], [, other]) => other - one)
    .map(([word, count]) => `${count.toLocaleString('en')} ${word}`)
    .join(', ');
}

/** Several outcomes may look the same. */
function countsBy<T>(outcomes: Outcomes, by: (look: Look) => T): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const [outcome, count] of Object.entries(outcomes)) {
    const key = by(executionLook(outcome));
    counts.set(key, (counts.get(key) ?? 0) + (count ?? 0));
  }
  return counts;
}

export interface Reach {
  readonly from: string;
  readonly to: string;
}

/** The times of the columns from `one` to `other`, both with it, whichever comes first. */
export function reachOf(columns: readonly Column[], one: number, other: number): Reach | null {
  const first = columns[Math.min(one, other)];
  const last = columns[Math.max(one, other)];
  if (!first || !last) return null;
  return { from: new Date(first.from).toISOString(), to: new Date(Math.ceil(last.to)).toISOString() };
}

/** Which column is at this part of the width, 0 to 1. */
export function columnAt(count: number, part: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(part * count)));
}

/** Where a key leads among the columns; null for another key. */
export function columnMoved(count: number, at: number, key: string): number | null {
  const to = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: at - 10,
    PageDown: at + 10,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}

/** All of it in one sentence, for those who do not see the columns; `told` writes a time. */
export function summaryOf(columns: readonly Column[], told: (time: number) => string): string {
  const first = columns[0];
  const last = columns.at(-1);
  const total = columns.reduce((sum, column) => sum + column.total, 0);
  if (!first || !last || total === 0) return 'No execution started in this time';
  const highest = columns.reduce((best, column) => (column.total > best.total ? column : best));
  const many = total === 1 ? '1 execution' : `${total.toLocaleString('en')} executions`;
  const most = `${highest.total.toLocaleString('en')} from ${told(highest.from)} on`;
  return `${many} from ${told(first.from)} to ${told(last.to)}; at most ${most}: ${highest.words}`;
}
