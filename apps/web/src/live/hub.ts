/**
 * One connection a browser: the tab that holds the lock listens, and tells the others. When it closes, the next one
 * takes over with the id of the last event that it was told.
 */

import { follow, type LineState } from './stream.ts';
import type { Told } from './parse.ts';

const NAME = 'runbooks-live';
const TOPICS = ['executions', 'reviews'];

type Message = { readonly told: Told } | { readonly state: LineState } | { readonly hello: true };

export class Hub {
  #state: LineState = { kind: 'connecting' };
  #last: string | null = null;
  #stop: AbortController | null = null;
  readonly #told = new Set<(event: Told) => void>();
  readonly #watchers = new Set<() => void>();

  /** Idempotent; `stop` ends what it began. */
  start(): void {
    if (this.#stop) return;
    const stop = (this.#stop = new AbortController());
    const channel = new BroadcastChannel(NAME);
    let leads = false;
    channel.onmessage = (message: MessageEvent<Message>): void => {
      if ('told' in message.data) this.#tell(message.data.told);
      else if ('state' in message.data) this.#become(message.data.state);
      else if (leads) channel.postMessage({ state: this.#state });
    };
    stop.signal.addEventListener('abort', () => channel.close());
    channel.postMessage({ hello: true });
    const lead = async (): Promise<void> => {
      leads = true;
      await follow(TOPICS, this.#last, this.#leading(channel), stop.signal);
    };
    // Without locks (an unusual browser, or plain http on another host) every tab listens for itself.
    const locks = navigator.locks as LockManager | undefined;
    if (!locks) void lead();
    else void locks.request(NAME, { signal: stop.signal }, lead).catch(() => undefined);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#become({ kind: 'connecting' });
  }

  get state(): LineState {
    return this.#state;
  }

  /** Every event from now on, and `gap` when some were missed. Gives what ends it. */
  onTold(hear: (event: Told) => void): () => void {
    this.#told.add(hear);
    return () => this.#told.delete(hear);
  }

  onState(hear: () => void): () => void {
    this.#watchers.add(hear);
    return () => this.#watchers.delete(hear);
  }

  #leading(channel: BroadcastChannel): { told: (event: Told) => void; state: (state: LineState) => void } {
    return {
      told: (told) => {
        this.#tell(told);
        channel.postMessage({ told });
      },
      state: (state) => {
        this.#become(state);
        channel.postMessage({ state });
      },
    };
  }

  #tell(event: Told): void {
    if (event.id) this.#last = event.id;
    this.#told.forEach((hear) => hear(event));
  }

  #become(state: LineState): void {
    this.#state = state;
    this.#watchers.forEach((hear) => hear());
  }
}

export const hub = new Hub();
