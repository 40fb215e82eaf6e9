/** One word in several cases: who may say it where, and what became of each. */

import { expect, test } from 'vitest';

import { Problem } from '../src/api/problem.ts';
import type { ReviewTicket } from '../src/api/types.ts';
import { BULK, canBulk, failureOf, fatesText, splitBy, type Fate } from '../src/screens/review/bulk.ts';
import { clockText } from '../src/screens/review/queue.ts';

const review = (reviewId: string, code: string | null, state = 'open'): ReviewTicket =>
  ({
    reviewId,
    state,
    actions: ['approved', 'rejected', 'info-requested'].map((name) => ({
      name,
      enabled: code === null,
      code,
      reason: code && `it is ${code}`,
    })),
  }) as unknown as ReviewTicket;

test('nothing is ever approved in bulk', () => {
  expect(BULK).toEqual(['rejected', 'info-requested']);
});

test('those in which it can be said are told from those in which it cannot, with why', () => {
  const reviews = [
    review('a', null),
    review('own', 'review.requester'),
    review('over', 'review.not_now', 'rejected'),
    { ...review('odd', null), actions: [] },
  ];
  const { able, unable } = splitBy(reviews, 'rejected');
  expect(able.map((one) => one.reviewId)).toEqual(['a']);
  expect(unable.map((one) => [one.review.reviewId, one.why])).toEqual([
    ['own', 'You started this run; another must decide.'],
    ['over', 'It is decided.'],
    ['odd', 'It cannot be said here.'],
  ]);
  expect([canBulk(reviews), canBulk(reviews.slice(1)), canBulk([])]).toEqual([true, false, false]);
});

test('each case has a fate of its own', () => {
  const faster = failureOf(new Problem(412, { code: 'review.version', detail: 'version 2' }, null));
  expect(faster).toEqual({ kind: 'failed', why: 'Somebody was faster; look at the case again.' });
  expect(failureOf(new Error('no line'))).toEqual({ kind: 'failed', why: 'no line' });
  const fates = new Map<string, Fate>([
    ['a', { kind: 'done' }],
    ['b', faster],
    ['c', { kind: 'goes' }],
    ['d', { kind: 'waits' }],
  ]);
  expect(fatesText(fates, 'rejected')).toBe('1 rejected, 1 not, 2 to go');
  expect(fatesText(new Map([['a', { kind: 'done' }]]), 'asked')).toBe('1 asked');
});

test('the clock tells what is late and what is next', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  const due = (dueAt: string, state: ReviewTicket['state'] = 'open') => ({ dueAt, state });
  expect(clockText([], now)).toBe('');
  expect(clockText([due('2026-11-26T10:00:00Z', 'rejected')], now)).toBe('');
  expect(
    clockText(
      [
        due('2026-11-26T11:59:59Z'),
        due('2026-11-26T14:30:00Z', 'info-requested'),
        due('2026-11-27T12:00:00Z'),
      ],
      now,
    ),
  ).toBe('1 case overdue, the next is due in 2 h 30 min');
});
