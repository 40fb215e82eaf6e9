/** The queue of reviews: what it shows, in which order, and that it stays where it is. */

import { describe, expect, test } from 'vitest';

import type { ReviewTicket } from '../src/api/types.ts';
import { approvals, counted, fitting, held, lastDecided } from '../src/screens/review/queue.ts';

function review(reviewId: string, members: Partial<ReviewTicket> = {}): ReviewTicket {
  const openedAt = members.openedAt ?? '2026-11-26T12:00:00Z';
  return {
    reviewId,
    executionId: 'e',
    runbookId: 'R',
    requester: 'ann',
    requirement: 'denial/preconditions',
    failedStep: 's',
    failedProver: 'p',
    reason: '',
    evidence: [],
    shown: null,
    quorum: 1,
    assignedTo: [],
    risk: 'medium',
    dueAt: '2026-11-29T12:00:00Z',
    state: 'open',
    version: 1,
    statements: [said('opened', 'local', openedAt)],
    actions: [],
    ...members,
    openedAt,
  };
}

function said(
  decision: ReviewTicket['statements'][number]['decision'],
  approver: string,
  issuedAt = '2026-11-26T13:00:00Z',
  expiresAt: string | null = null,
): ReviewTicket['statements'][number] {
  return { decision, approver, reason: 'because', issuedAt, expiresAt };
}

const names = (reviews: readonly ReviewTicket[]): string[] => reviews.map((item) => item.reviewId);

describe('order', () => {
  const all = [
    review('low', { risk: 'low', openedAt: '2026-11-20T12:00:00Z' }),
    review('young', { risk: 'high', openedAt: '2026-11-26T12:00:00.000002Z' }),
    review('old', { risk: 'high', openedAt: '2026-11-25T12:00:00Z' }),
    review('critical', { risk: 'critical' }),
    review('asked', { state: 'info-requested' }),
    review('gone', { state: 'rejected', statements: [said('rejected', 'bo', '2026-11-26T14:00:00Z')] }),
    review('over', { state: 'closed', statements: [said('closed', 'local', '2026-11-26T15:00:00Z')] }),
  ];

  test('the greatest risk comes first, then the oldest', () => {
    expect(names(fitting(all, { shelf: 'open' }))).toEqual(['critical', 'old', 'young', 'low']);
  });

  test('what came in is not reordered in place', () => {
    const before = names(all);
    fitting(all, { shelf: 'all' });
    expect(names(all)).toEqual(before);
  });

  test('decided ones come latest first, and the last of them is named', () => {
    expect(names(fitting(all, { shelf: 'decided' }))).toEqual(['over', 'gone']);
    expect(lastDecided(all)?.reviewId).toBe('over');
    expect(lastDecided([])).toBeNull();
  });

  test('every case lies on one shelf', () => {
    expect(counted(all, { shelf: 'open' })).toEqual({ open: 4, waiting: 1, decided: 2, all: 7 });
  });

  test('a risk that nobody knows is not put last', () => {
    const later = 'terrible' as ReviewTicket['risk'];
    const found = fitting([...all, review('odd', { risk: later, openedAt: '2026-11-01T00:00:00Z' })], {
      shelf: 'open',
    });
    expect(found[0]?.reviewId).toBe('odd');
  });

  test('filters hold together', () => {
    const mine = [
      review('asked-me', { assignedTo: ['Ana '], risk: 'high' }),
      review('by-me', { requester: 'ana', risk: 'low' }),
      review('spoke', { statements: [said('info-requested', 'ANA')] }),
      review('others'),
    ];
    expect(names(fitting(mine, { shelf: 'open', person: 'ana' }))).toEqual(['asked-me', 'spoke', 'by-me']);
    expect(names(fitting(mine, { shelf: 'open', person: 'ana', risk: 'low' }))).toEqual(['by-me']);
  });
});

describe('what stays', () => {
  const old = review('old');
  const fresh = review('fresh', { risk: 'critical' });

  test('a new case is told and does not move the others', () => {
    const all = [old, fresh];
    const found = held(['old'], fitting(all, { shelf: 'open' }), all);
    expect([names(found.rows), names(found.fresh)]).toEqual([['old'], ['fresh']]);
  });

  test('a row that fits no longer stays, as it stands now', () => {
    const decided = review('old', { state: 'rejected' });
    const found = held(['old'], [], [decided]);
    expect(found.rows).toEqual([decided]);
    expect(found.fresh).toEqual([]);
  });

  test('a row that is gone altogether goes', () => {
    expect(held(['none'], [], []).rows).toEqual([]);
  });
});

test('approvals count people, once each, and only while they last', () => {
  const at = Date.parse('2026-11-26T14:00:00Z');
  const statements = [
    said('approved', 'ana', undefined, '2026-11-27T00:00:00Z'),
    said('approved', ' Ana', undefined, '2026-11-27T00:00:00Z'),
    said('approved', 'bo', undefined, '2026-11-26T14:00:00Z'),
    said('rejected', 'cy'),
  ];
  expect(approvals({ statements }, at)).toBe(1);
  expect(approvals({ statements }, at - 1)).toBe(2);
});
