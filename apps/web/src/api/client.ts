/** The only place that talks to the service: JSON in, JSON out, and every refusal a `Problem`. */

import { Problem, Unreachable } from './problem.ts';

const BASE = '/api';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The answer's headers beside its body: `etag` is sent back with `If-Match`. */
export interface Answer<T> {
  readonly data: T;
  readonly headers: Headers;
}

/** Raises `Problem` for a refusal and `Unreachable` when there is no answer. */
export async function send(path: string, call: Call = {}): Promise<Response> {
  const headers = new Headers(call.headers);
  if (call.body !== undefined) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    // eslint-disable-next-line no-restricted-globals -- this is the place
    response = await fetch(BASE + path, {
      method: call.method ?? 'GET',
      headers,
      credentials: 'same-origin',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable(error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function ask<T>(path: string, call: Call = {}): Promise<Answer<T>> {
  const response = await send(path, call);
  return { data: (await response.json()) as T, headers: response.headers };
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, { signal })).data;
}

export async function bytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await send(path, { signal })).arrayBuffer();
}

/** An identifier as a part of a path. It may hold slashes; what would lead elsewhere is none, and is not there. */
export function part(name: string): string {
  if (name.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new Problem(404, { code: 'identifier.malformed', detail: `${name} is no identifier` }, null);
  }
  return encodeURIComponent(name).replaceAll('%2F', '/');
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = (await response.json()) as Record<string, unknown>;
  } catch {
    // A proxy's page: the status says what there is to say.
  }
  return new Problem(response.status, body, response.headers.get('X-Request-Id'));
}
