/** From the address to what the service is asked, and back from the fields of a form. Pure. */

import type { AuditEntry } from '../api/types.ts';
import type { AuditSearch } from '../search.ts';

/** The query of one page; `cursor` is what the page before gave as `next`. */
export function auditQueryOf(search: AuditSearch, limit: number, cursor: string | null = null): string {
  const { who, action, object, from, to } = search;
  const members = { who, action, object, from: instant(from), to: instant(to) };
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, value);
  if (cursor !== null) query.set('cursor', cursor);
  return query.toString();
}

function instant(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

export function isFiltered(search: AuditSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}

/** The same filters but for one; without it where nothing is stated. */
export function withFilter(
  search: AuditSearch,
  name: keyof AuditSearch,
  value: string | undefined,
): AuditSearch {
  const others = Object.fromEntries(Object.entries(search).filter(([other]) => other !== name));
  return value ? { ...others, [name]: value } : others;
}

export type Target =
  | { readonly to: '/executions/$executionId'; readonly params: { readonly executionId: string } }
  | { readonly to: '/review/$reviewId'; readonly params: { readonly reviewId: string } }
  | { readonly to: '/runbooks/$runbookId'; readonly params: { readonly runbookId: string } };

/** Where an object of that kind is shown; null for one that has no page. */
export function targetOf(resource: string, name: string): Target | null {
  if (resource === 'execution') return { to: '/executions/$executionId', params: { executionId: name } };
  if (resource === 'review') return { to: '/review/$reviewId', params: { reviewId: name } };
  if (resource === 'runbook') return { to: '/runbooks/$runbookId', params: { runbookId: name } };
  return null;
}

/** What came into being by it is an execution, whatever it was made of. */
export function madeTarget(name: string): Target {
  return { to: '/executions/$executionId', params: { executionId: name } };
}

/** One record a line, as the service gave it. */
export function jsonLines(items: readonly AuditEntry[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}
