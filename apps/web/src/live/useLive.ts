/** What happens goes into the query cache: steps at once, a frame at a time; the rest is looked at again, and not often. */

import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import { keys } from '../api/queries.ts';
import type { ExecutionStatus } from '../api/types.ts';
import { hub } from './hub.ts';
import type { Told } from './parse.ts';
import { applied, type Happening } from './reducer.ts';
import type { LineState } from './stream.ts';

const LOOK_AGAIN_MS = 1000;
// The whole status of a long run is worth a while of reading: its steps change by events in between.
const LOOK_AGAIN_AT_MANY_MS = 4000;
const MANY = 200;

export function useLineState(): LineState {
  return useSyncExternalStore(
    (hear) => hub.onState(hear),
    () => hub.state,
  );
}

/** Mounted once, by the shell. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const feed = new Feed(client);
    hub.start();
    const end = hub.onTold((event) => feed.take(event));
    return () => {
      end();
      hub.stop();
    };
  }, [client]);
}

class Feed {
  readonly #client: QueryClient;
  #waiting: Happening[] = [];
  #frame = 0;
  #stale = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  take(event: Told): void {
    if (event.kind === 'gap') {
      void this.#client.invalidateQueries();
      return;
    }
    if (event.kind === 'ready') return;
    const happened = JSON.parse(event.data) as Happening;
    this.#waiting.push(happened);
    this.#stale.add(happened.executionId);
    if (event.kind.startsWith('Review')) this.#stale.add('reviews');
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#show());
    if (!this.#timer) this.#timer = setTimeout(() => this.#lookAgain(), this.#patience(happened.executionId));
  }

  #patience(id: string): number {
    const status = this.#client.getQueryData<ExecutionStatus>(keys.execution(id));
    return status && status.steps.length > MANY ? LOOK_AGAIN_AT_MANY_MS : LOOK_AGAIN_MS;
  }

  #show(): void {
    const happened = this.#waiting;
    this.#waiting = [];
    this.#frame = 0;
    for (const id of new Set(happened.map((item) => item.executionId))) {
      this.#client.setQueryData<ExecutionStatus>(
        keys.execution(id),
        (status) => status && applied(status, happened),
      );
    }
  }

  #lookAgain(): void {
    this.#timer = undefined;
    for (const name of this.#stale) {
      void this.#client.invalidateQueries({
        queryKey: name === 'reviews' ? keys.reviews : keys.execution(name),
      });
    }
    this.#stale = new Set();
    void this.#client.invalidateQueries({ queryKey: keys.executions });
  }
}
