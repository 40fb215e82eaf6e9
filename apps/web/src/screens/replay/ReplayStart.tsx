import { useState, type ReactElement } from 'react';

import type { Action } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import styles from './Replay.module.css';

const TIMES = [1, 3, 10] as const;

/** What a replay is, and the button. Why it cannot be done now is said beside it. */
export function ReplayStart({
  action,
  isRunning,
  hasRun,
  onStart,
}: {
  readonly action: Action | undefined;
  readonly isRunning: boolean;
  readonly hasRun: boolean;
  readonly onStart: (times: number) => void;
}): ReactElement {
  const [times, setTimes] = useState<number>(1);
  const words: Readonly<Record<string, string>> = {
    'execution.unfinished': 'The run has not ended yet; only a finished record can be replayed.',
  };
  const off =
    action && !action.enabled
      ? (words[action.code ?? ''] ?? action.reason ?? 'It cannot be replayed.')
      : null;
  return (
    <Panel>
      <div className={styles.start}>
        <p className={styles.what}>
          {hasRun
            ? 'Recorded responses, no side effects.'
            : 'A replay computes everything that is pure again, and plays what the world answered from the record. Nothing is sent, written or asked outside. If the same root comes out, every verdict and output follows from the record.'}
        </p>
        <label className={styles.times}>
          Times
          <select
            className={styles.select}
            value={times}
            onChange={(event) => setTimes(Number(event.target.value))}
          >
            {TIMES.map((number) => (
              <option key={number}>{number}</option>
            ))}
          </select>
        </label>
        <Button
          kind={hasRun ? 'plain' : 'primary'}
          busy={isRunning}
          unavailable={off}
          onClick={() => onStart(times)}
        >
          {hasRun ? 'Replay again' : 'Start replay'}
        </Button>
      </div>
      {off ? <p className={styles.off}>{off}</p> : null}
    </Panel>
  );
}
