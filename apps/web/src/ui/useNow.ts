/** The time of day, a second at a time, for all who show what goes on. */

import { useSyncExternalStore } from 'react';

let tick = Date.now();
const never = (): (() => void) => () => undefined;

function everySecond(hear: () => void): () => void {
  const turn = (): void => {
    tick = Date.now();
    hear();
  };
  const timer = setInterval(turn, 1000);
  turn();
  return () => clearInterval(timer);
}

/** Milliseconds since 1970; it stands still when nothing is `running`. */
export function useNow(running: boolean): number {
  return useSyncExternalStore(running ? everySecond : never, () => tick);
}
