/**
 * One connection for what happens, held for ever: it comes back where it broke, or says that there is a gap.
 *
 * Not the browser's EventSource: that forgets where it was when the service answers with an error once, and cannot tell
 * a silent line from a quiet one.
 */

import { send } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { EventReader, type Told } from './parse.ts';

export type LineState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number }
  | { readonly kind: 'refused' };

export interface Listener {
  readonly told: (event: Told) => void;
  readonly state: (state: LineState) => void;
}

const QUIET_MS = 35_000; // the service says something every 15 s
const LONGEST_MS = 30_000;

/** Runs until `signal` is aborted. `from` is the id to go on behind. */
export async function follow(
  topics: readonly string[],
  from: string | null,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  let last = from;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await listen(topics, last, signal, {
        opened: () => {
          failures = 0;
          listener.state({ kind: 'live' });
        },
        told: (event) => {
          if (event.id) last = event.id;
          listener.told(event);
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && (error.status === 401 || error.status === 403)) {
        listener.state({ kind: 'refused' });
        return;
      }
    }
    if (failures === 0) listener.state({ kind: 'lost', since: Date.now() });
    await pause(Math.min(1000 * 2 ** failures, LONGEST_MS) * (0.75 + Math.random() / 2), signal);
    failures += 1;
  }
}

async function listen(
  topics: readonly string[],
  last: string | null,
  signal: AbortSignal,
  on: { opened: () => void; told: (event: Told) => void },
): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), QUIET_MS);
  try {
    const query = topics.map((topic) => `topics=${encodeURIComponent(topic)}`).join('&');
    const response = await send(`/events?${query}`, {
      headers: last === null ? {} : { 'Last-Event-ID': last },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    on.opened();
    const reader = new EventReader();
    const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const chunk = await chunks?.read();
      if (!chunk || chunk.done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), QUIET_MS);
      reader.take(chunk.value).forEach(on.told);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Ends early when the network or the tab comes back. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', done);
    signal.addEventListener('abort', done);
  });
}
