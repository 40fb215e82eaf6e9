/** What the console knows of the service, by key; a screen names what it needs and no address. */

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { ask, bytes, part, read, send } from './client.ts';
import type {
  ExecutionStatus,
  ExecutionPage,
  LicencesShown,
  Me,
  PoliciesShown,
  ReplayReport,
  ReviewTicket,
  StepDetail,
  TemplateDetail,
  Templates,
} from './types.ts';

export const keys = {
  me: ['me'],
  templates: ['templates'],
  template: (id: string) => ['templates', id],
  executions: ['executions'],
  execution: (id: string) => ['execution', id],
  step: (id: string, stepId: string) => ['execution', id, 'step', stepId],
  reviews: ['reviews'],
  review: (id: string) => ['reviews', id],
} as const;

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => read<Me>('/me', signal),
  staleTime: 60_000,
});

export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  queryFn: ({ signal }) => read<Templates>('/templates', signal),
});

export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: keys.template(id),
    queryFn: ({ signal }) => read<TemplateDetail>(`/templates/${part(id)}`, signal),
  });

/** One page of executions; `filters` are the query parameters of the route, defaults left out. */
export const executionsQuery = (filters: string) =>
  queryOptions({
    queryKey: [...keys.executions, filters],
    queryFn: ({ signal }) => read<ExecutionPage>(`/executions?${filters}`, signal),
  });

/** The same page after page; it is not looked at again by itself, so that nothing moves under a reader. */
export const listQuery = (filters: string) =>
  infiniteQueryOptions({
    queryKey: ['execution-list', filters],
    queryFn: ({ signal, pageParam }) =>
      read<ExecutionPage>(
        `/executions?${filters}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Infinity,
    gcTime: 30_000,
  });

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.execution(id),
    queryFn: ({ signal }) => read<ExecutionStatus>(`/runbooks/${part(id)}`, signal),
  });

export const parametersQuery = (id: string) =>
  queryOptions({
    queryKey: ['parameters', id],
    queryFn: ({ signal }) =>
      read<Readonly<Record<string, unknown>>>(`/runbooks/${part(id)}/parameters`, signal),
    staleTime: Infinity,
  });

export const stepQuery = (id: string, stepId: string) =>
  queryOptions({
    queryKey: keys.step(id, stepId),
    queryFn: ({ signal }) => read<StepDetail>(`/runbooks/${part(id)}/steps/${part(stepId)}`, signal),
  });

/** The first `most` bytes of what went in or came out of a step, and how many there are in all. */
export const valueQuery = (id: string, section: 'inputs' | 'outputs', stepId: string, most: number) =>
  queryOptions({
    queryKey: ['value', id, section, stepId, most],
    queryFn: async ({ signal }) => {
      const response = await send(`/runbooks/${part(id)}/values/${section}/${part(stepId)}`, {
        headers: { Range: `bytes=0-${String(most - 1)}` },
        signal,
      });
      const size = Number(response.headers.get('Content-Range')?.split('/')[1]);
      const data = await response.arrayBuffer();
      return {
        text: new TextDecoder().decode(data),
        whole: response.status === 200 || data.byteLength >= size,
      };
    },
    staleTime: Infinity,
    gcTime: 60_000,
  });

export const replayQuery = (id: string) =>
  queryOptions({
    queryKey: ['replay', id],
    queryFn: ({ signal }) => read<ReplayReport>(`/runbooks/${part(id)}/replay`, signal),
    staleTime: Infinity,
  });

export const reviewsQuery = queryOptions({
  queryKey: keys.reviews,
  queryFn: ({ signal }) => read<readonly ReviewTicket[]>('/reviews', signal),
});

/** The review and its ETag, which a decision sends back with If-Match. */
export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: keys.review(id),
    queryFn: async ({ signal }) => {
      const answer = await ask<ReviewTicket>(`/reviews/${part(id)}`, { signal });
      return { review: answer.data, etag: answer.headers.get('ETag') ?? '' };
    },
  });

/** The proof's bytes as the service sends them: nothing is parsed before it is verified. */
export const proofQuery = (id: string, blocked: boolean) =>
  queryOptions({
    queryKey: ['proof', id, blocked],
    queryFn: ({ signal }) =>
      bytes(`/runbooks/${part(id)}/manifest.pcq${blocked ? '?blocked=true' : ''}`, signal),
    staleTime: Infinity,
    gcTime: 60_000,
  });

export const trustQuery = queryOptions({
  queryKey: ['trust'],
  queryFn: ({ signal }) => bytes('/trust', signal),
});

export const policiesQuery = queryOptions({
  queryKey: ['policies'],
  queryFn: ({ signal }) => read<PoliciesShown>('/policies', signal),
});

export const licencesQuery = queryOptions({
  queryKey: ['licences'],
  queryFn: ({ signal }) => read<LicencesShown>('/licences', signal),
});
