/** What the console asks the service to do. Every one carries a key of its own: sent twice, it is done once. */

import { ask, part, send } from './client.ts';
import type { Decided, Decision, ExecutionStatus, Rehearsal, StartRequest } from './types.ts';

/** `key` stays the same while a person tries again what may have been done already. */
export async function start(request: StartRequest, key: string): Promise<ExecutionStatus> {
  return post<ExecutionStatus>('/runbooks/execute', request, { 'Idempotency-Key': key });
}

/** Tells what `start` would do; nothing is recorded. */
export async function rehearse(request: StartRequest): Promise<Rehearsal> {
  return post<Rehearsal>('/runbooks/dry-run', request, {});
}

/** `name` is that of the action: cancel, pause, resume, rerun, fork. */
export async function act(
  executionId: string,
  name: string,
  body: object,
  key: string,
): Promise<ExecutionStatus> {
  return post<ExecutionStatus>(`/runbooks/${part(executionId)}/${name}`, body, { 'Idempotency-Key': key });
}

export async function decide(
  reviewId: string,
  decision: Decision,
  etag: string,
  key: string,
): Promise<Decided> {
  return post(`/reviews/${part(reviewId)}/decisions`, decision, { 'If-Match': etag, 'Idempotency-Key': key });
}

export async function signIn(code: string): Promise<unknown> {
  return post('/session', { code }, {});
}

export async function signOut(): Promise<void> {
  await send('/session', { method: 'DELETE' });
}

async function post<T>(path: string, body: object, headers: Record<string, string>): Promise<T> {
  return (await ask<T>(path, { method: 'POST', body, headers })).data;
}
