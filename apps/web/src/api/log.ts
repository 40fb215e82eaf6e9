/** The log of an execution: its ledger in words. */

import { part, read } from './client.ts';
import type { LogLine, LogPage } from './types.ts';

const PAGE = 5000;

/**
 * All lines behind those that are known, of one step or of the whole run: the ledger only grows. Each page but the last
 * is told as it comes.
 */
export async function readLog(
  id: string,
  stepId: string | undefined,
  known: readonly LogLine[],
  onPage: (lines: readonly LogLine[]) => void,
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  let lines = known;
  for (;;) {
    const query = new URLSearchParams({ after: String(lines.at(-1)?.seq ?? 0), limit: String(PAGE) });
    if (stepId !== undefined) query.set('stepId', stepId);
    const page = await read<LogPage>(`/runbooks/${part(id)}/log?${query.toString()}`, signal);
    if (page.items.length) lines = [...lines, ...page.items];
    if (page.next === null) return lines;
    onPage(lines);
  }
}
