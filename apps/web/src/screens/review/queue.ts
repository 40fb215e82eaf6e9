/** What the queue of reviews shows, and in which order. Pure. */

import type { ReviewTicket } from '../../api/types.ts';
import { span } from '../../ui/time.ts';

export const RISKS = ['critical', 'high', 'medium', 'low'] as const;
export const SHELVES = ['open', 'waiting', 'decided', 'all'] as const;
export type Shelf = (typeof SHELVES)[number];

export interface Filter {
  readonly shelf: Shelf;
  readonly risk?: string | undefined;
  /** Whose reviews only: assigned to them, started by them, or with a word of theirs. */
  readonly person?: string | undefined;
}

export function shelfOf(review: Pick<ReviewTicket, 'state'>): Exclude<Shelf, 'all'> {
  if (review.state === 'open') return 'open';
  return review.state === 'info-requested' ? 'waiting' : 'decided';
}

/** Those that fit, as they are worked off: the greatest risk first, then the oldest; what is decided, the latest first. */
export function fitting(reviews: readonly ReviewTicket[], filter: Filter): ReviewTicket[] {
  const found = reviews.filter(
    (review) =>
      (filter.shelf === 'all' || shelfOf(review) === filter.shelf) &&
      (filter.risk === undefined || review.risk === filter.risk) &&
      (filter.person === undefined || concerns(review, filter.person)),
  );
  return found.sort(filter.shelf === 'decided' ? latestFirst : urgentFirst);
}

export function counted(reviews: readonly ReviewTicket[], filter: Filter): Readonly<Record<Shelf, number>> {
  const of = (shelf: Shelf): number => fitting(reviews, { ...filter, shelf }).length;
  return { open: of('open'), waiting: of('waiting'), decided: of('decided'), all: of('all') };
}

/**
 * What stays on the page while somebody reads it: the rows of `kept` in their places, whatever became of them, and apart
 * from them the ones that fit and are not shown yet.
 */
export function held(
  kept: readonly string[],
  wanted: readonly ReviewTicket[],
  all: readonly ReviewTicket[],
): { readonly rows: readonly ReviewTicket[]; readonly fresh: readonly ReviewTicket[] } {
  const known = new Map(all.map((review) => [review.reviewId, review]));
  const shown = new Set(kept);
  return {
    rows: kept.flatMap((id) => known.get(id) ?? []),
    fresh: wanted.filter((review) => !shown.has(review.reviewId)),
  };
}

/** How many distinct people approve at that time; an approval does not last for ever. */
export function approvals(review: Pick<ReviewTicket, 'statements'>, now: number): number {
  const given = review.statements.filter(
    (said) => said.decision === 'approved' && (said.expiresAt === null || now < Date.parse(said.expiresAt)),
  );
  return new Set(given.map((said) => person(said.approver))).size;
}

export function lastDecided(reviews: readonly ReviewTicket[]): ReviewTicket | null {
  return fitting(reviews, { shelf: 'decided' })[0] ?? null;
}

export function casesText(count: number): string {
  return count === 1 ? '1 case' : `${String(count)} cases`;
}

/** How much time the cases have, in one line; empty when none waits. */
export function clockText(reviews: readonly Pick<ReviewTicket, 'state' | 'dueAt'>[], now: number): string {
  const due = reviews
    .filter((review) => shelfOf(review) !== 'decided')
    .map((review) => Date.parse(review.dueAt));
  const late = due.filter((at) => at <= now);
  const next = Math.min(...due.filter((at) => at > now));
  const parts = late.length ? [`${casesText(late.length)} overdue`] : [];
  if (Number.isFinite(next))
    parts.push(`${late.length ? 'the next' : 'The next'} is due in ${span(next - now)}`);
  return parts.join(', ');
}

/** When something was said in it last. */
export function spokenAt(review: ReviewTicket): string {
  return review.statements.at(-1)?.issuedAt ?? review.openedAt;
}

export function isSame(one: string, other: string): boolean {
  return person(one) === person(other);
}

function person(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim();
}

function concerns(review: ReviewTicket, name: string): boolean {
  const people = [review.requester, ...review.assignedTo, ...review.statements.map((said) => said.approver)];
  return people.some((one) => isSame(one, name));
}

function urgentFirst(one: ReviewTicket, other: ReviewTicket): number {
  return (
    weight(one.risk) - weight(other.risk) ||
    Date.parse(one.openedAt) - Date.parse(other.openedAt) ||
    (one.reviewId < other.reviewId ? -1 : 1)
  );
}

function latestFirst(one: ReviewTicket, other: ReviewTicket): number {
  return Date.parse(spokenAt(other)) - Date.parse(spokenAt(one)) || (one.reviewId < other.reviewId ? -1 : 1);
}

function weight(risk: string): number {
  const at = RISKS.findIndex((known) => known === risk);
  // A risk that nobody knows is not put last.
  return at === -1 ? 0 : at;
}
