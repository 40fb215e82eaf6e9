/** One word said in several cases: which of them can take it, and what became of each. Pure. Approval is no such word. */

import type { ReviewTicket } from '../../api/types.ts';
import { Problem } from '../../api/problem.ts';
import { refusal } from './decisions.ts';
import { shelfOf } from './queue.ts';

export const BULK = ['rejected', 'info-requested'] as const;
export type BulkName = (typeof BULK)[number];

export interface BulkWords {
  readonly button: string;
  readonly title: (cases: string) => string;
  readonly confirm: (cases: string) => string;
  readonly label: string;
  readonly follows: string;
  readonly done: string;
}

export const BULK_WORDS: Readonly<Record<BulkName, BulkWords>> = {
  rejected: {
    button: 'Reject…',
    title: (cases) => `Reject ${cases}`,
    confirm: (cases) => `Sign and reject ${cases}`,
    label: 'Reason, the same for each',
    follows: 'Each of these steps is blocked for good: what needs it never runs, and the run ends.',
    done: 'rejected',
  },
  'info-requested': {
    button: 'Request more info…',
    title: (cases) => `Request more information in ${cases}`,
    confirm: (cases) => `Sign and ask in ${cases}`,
    label: 'Question, the same for each',
    follows: 'Each case waits for an answer. Nobody approves until then; its time goes on.',
    done: 'asked',
  },
};

export interface Split {
  readonly able: readonly ReviewTicket[];
  readonly unable: readonly { readonly review: ReviewTicket; readonly why: string }[];
}

/** Those in which this person may say it now, and why they may not in the others. */
export function splitBy(reviews: readonly ReviewTicket[], name: BulkName): Split {
  const able: ReviewTicket[] = [];
  const unable: { review: ReviewTicket; why: string }[] = [];
  for (const review of reviews) {
    const action = review.actions.find((one) => one.name === name);
    const why = action ? refusal(action) : 'It cannot be said here.';
    if (why === null) able.push(review);
    else unable.push({ review, why: shelfOf(review) === 'decided' ? 'It is decided.' : why });
  }
  return { able, unable };
}

/** Whether there is anything that this person may say in several cases at once. */
export function canBulk(reviews: readonly ReviewTicket[]): boolean {
  return BULK.some((name) => splitBy(reviews, name).able.length > 0);
}

export type Fate =
  { readonly kind: 'waits' | 'goes' | 'done' } | { readonly kind: 'failed'; readonly why: string };

/** What a refusal says of one case, as one reads it in a list. */
export function failureOf(error: unknown): Fate {
  if (error instanceof Problem && (error.status === 412 || error.status === 409))
    return { kind: 'failed', why: 'Somebody was faster; look at the case again.' };
  return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
}

export function fatesText(fates: ReadonlyMap<string, Fate>, done: string): string {
  const count = (kind: Fate['kind']): number =>
    [...fates.values()].filter((fate) => fate.kind === kind).length;
  const left = count('waits') + count('goes');
  const parts = [`${String(count('done'))} ${done}`];
  if (count('failed')) parts.push(`${String(count('failed'))} not`);
  if (left) parts.push(`${String(left)} to go`);
  return parts.join(', ');
}
