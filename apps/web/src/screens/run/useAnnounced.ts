/** What is read out of a run that goes on: at most once in five seconds. */

import { useEffect, useRef, useState } from 'react';

import type { ExecutionStatus } from '../../api/types.ts';
import { executionLook } from '../../ui/status.ts';
import { tallyOf, tallyText } from '../../graph/tally.ts';

const QUIET_MS = 5000;

export function useAnnounced(status: ExecutionStatus): string {
  const [spoken, setSpoken] = useState('');
  const newest = useRef(status);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (newest.current === status) return;
    newest.current = status;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const { outcome, steps } = newest.current;
      setSpoken(`${executionLook(outcome).word}; ${tallyText(tallyOf(steps))}`);
    }, QUIET_MS);
  }, [status]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return spoken;
}
