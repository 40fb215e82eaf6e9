import type { ReactElement } from 'react';

import type { ReplayStep } from '../../api/types.ts';
import { Panel } from '../../ui/Panel.tsx';
import styles from './Replay.module.css';
import { MARKS } from './verdict.ts';

/** Steps with their marks, in canonical order. */
export function ReplaySteps({
  steps,
  total,
  selected,
  onlyDifferences,
  onChoose,
  onShowAll,
}: {
  readonly steps: readonly ReplayStep[];
  readonly total: number;
  readonly selected: string | undefined;
  readonly onlyDifferences: boolean;
  readonly onChoose: (stepId: string) => void;
  readonly onShowAll: (all: boolean) => void;
}): ReactElement {
  return (
    <Panel title={`Steps · ${String(steps.length)} of ${String(total)}`} flush>
      <label className={styles.only}>
        <input
          type="checkbox"
          checked={onlyDifferences}
          onChange={(event) => onShowAll(!event.target.checked)}
        />
        Only differences
      </label>
      <ul className={styles.steps}>
        {steps.map((step) => (
          <li key={step.stepId}>
            <button
              type="button"
              className={styles.step}
              data-mark={step.mark}
              aria-current={step.stepId === selected || undefined}
              onClick={() => onChoose(step.stepId)}
            >
              <span className={styles.mark} aria-hidden="true">
                {MARKS[step.mark].sign}
              </span>
              <span className={styles.name}>{step.stepId}</span>
              <span className="visually-hidden">, {MARKS[step.mark].word}, </span>
              <span className={styles.role} data-role={step.role ?? undefined}>
                {step.role === 'cause' ? 'CAUSE' : (step.role ?? step.grade)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
