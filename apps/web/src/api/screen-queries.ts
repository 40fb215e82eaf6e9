/** Queries of one screen each: they come with it, and not with the first page. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { auditQueryOf } from '../audit/filters.ts';
import type { AuditSearch } from '../search.ts';
import { read } from './client.ts';
import { readLog } from './log.ts';
import { keys } from './queries.ts';
import type { AuditPage, Histogram, LogLine } from './types.ts';

/** How many of them started when. It changes slowly, and every change of a run would be a reason to count again. */
export const histogramQuery = (filters: string) =>
  queryOptions({
    queryKey: ['histogram', filters],
    queryFn: ({ signal }) => read<Histogram>(`/executions/histogram?${filters}`, signal),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });

/** Looked at again, what is known of a log stays and only what follows is asked for. */
export const logQuery = (id: string, stepId: string | undefined) =>
  queryOptions({
    queryKey: [...keys.execution(id), 'log', stepId ?? null],
    queryFn: ({ client, queryKey, signal }) =>
      readLog(
        id,
        stepId,
        client.getQueryData<readonly LogLine[]>(queryKey) ?? [],
        (lines) => client.setQueryData(queryKey, lines),
        signal,
      ),
  });

/** Page behind page, the newest first. */
export const auditPages = (search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      read<AuditPage>(`/audit?${auditQueryOf(search, 50, pageParam)}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
