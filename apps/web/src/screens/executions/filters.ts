/** The filters of the list: what the address says, as the service is asked. Pure. */

import type { ExecutionSummary, Outcome } from '../../api/types.ts';
import type { ExecutionsSearch } from '../../search.ts';

export const OUTCOMES: readonly Outcome[] = [
  'running',
  'held',
  'paused',
  'completed',
  'overridden',
  'blocked',
  'failed',
  'cancelled',
];

/** Query parameters of `GET /executions`, in a fixed order, so that the same filters are the same question. */
export function queryOf(search: ExecutionsSearch, limit: number): string {
  const query = wanted(search);
  query.set('limit', String(limit));
  return query.toString();
}

/** The same filters, counted over time. */
export function histogramQueryOf(search: ExecutionsSearch, buckets: number): string {
  const query = wanted(search);
  query.set('buckets', String(buckets));
  return query.toString();
}

function wanted(search: ExecutionsSearch): URLSearchParams {
  const query = new URLSearchParams();
  for (const outcome of search.outcome?.split(',') ?? []) query.append('outcome', outcome);
  if (search.runbook) query.set('runbookId', search.runbook);
  if (search.actor) query.set('executedBy', search.actor);
  if (search.step) query.set('failedStep', search.step);
  if (search.prover) query.set('failedProver', search.prover);
  if (search.q) query.set('q', search.q);
  if (search.from) query.set('from', inUtc(search.from));
  if (search.to) query.set('to', inUtc(search.to));
  return query;
}

export function isFiltered(search: ExecutionsSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}

/** The same filters for those times; for all times without any. */
export function withReach(
  search: ExecutionsSearch,
  reach: { readonly from: string; readonly to: string } | undefined,
): ExecutionsSearch {
  const others = Object.entries(search).filter(([name]) => name !== 'from' && name !== 'to');
  return { ...(Object.fromEntries(others) as ExecutionsSearch), ...reach };
}

/** With this outcome if it is not there, else without it; undefined when none is left. */
export function toggled(outcomes: string | undefined, outcome: string): string | undefined {
  const chosen = new Set(outcomes?.split(',') ?? []);
  if (!chosen.delete(outcome)) chosen.add(outcome);
  return OUTCOMES.filter((item) => chosen.has(item)).join(',') || undefined;
}

/**
 * The rows to show: those that were listed, with the newest state of each, and in front of them those that came since,
 * unless they are held back for somebody who reads further down.
 */
export function rowsOf(
  listed: readonly ExecutionSummary[],
  newest: readonly ExecutionSummary[],
  holdBack: boolean,
): { readonly rows: readonly ExecutionSummary[]; readonly heldBack: number } {
  const known = new Set(listed.map((item) => item.executionId));
  const states = new Map(newest.map((item) => [item.executionId, item]));
  const came = newest.filter((item) => !known.has(item.executionId));
  const updated = listed.map((item) => states.get(item.executionId) ?? item);
  if (holdBack && listed.length) return { rows: updated, heldBack: came.length };
  return { rows: [...came, ...updated], heldBack: 0 };
}

function inUtc(time: string): string {
  return new Date(time).toISOString();
}
