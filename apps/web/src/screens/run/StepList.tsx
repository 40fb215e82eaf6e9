import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactElement } from 'react';

import type { ExecutionStatus, StepStatus } from '../../api/types.ts';
import { stepLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Duration, Time } from '../../ui/Time.tsx';
import styles from './StepList.module.css';
import { isTrouble } from '../../graph/tally.ts';
import { useRunAddress } from './useRunAddress.ts';

interface Props {
  readonly status: ExecutionStatus;
  readonly selected: string | undefined;
  readonly onSelect: (stepId: string) => void;
}

const ROW = 36;
const COLUMNS = ['Step', 'Type', 'Status', 'Started', 'Took', 'Attempts', 'Stopped by'] as const;

/** All steps as a table. Rows that are not in sight are left out of it, and their number stands in their place. */
export function StepList({ status, selected, onSelect }: Props): ReactElement {
  const { search } = useRunAddress();
  const box = useRef<HTMLDivElement>(null);
  const steps = search.failed ? status.steps.filter(isTrouble) : status.steps;
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are not passed on
  const virtual = useVirtualizer({
    count: steps.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // A region that scrolls can be reached by keyboard.
    <div ref={box} className={styles.box} role="region" aria-label="List of steps" tabIndex={0}>
      <table className={styles.table} aria-rowcount={steps.length + 1}>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={above} />
          {items.map((item) => {
            const step = steps[item.index];
            return step ? (
              <Row
                key={step.stepId}
                step={step}
                index={item.index}
                isSelected={step.stepId === selected}
                onSelect={onSelect}
              />
            ) : null;
          })}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

function Gap({ height }: { readonly height: number }): ReactElement | null {
  return height > 0 ? (
    <tr aria-hidden="true">
      <td colSpan={COLUMNS.length} style={{ height }} className={styles.gap} />
    </tr>
  ) : null;
}

interface RowProps {
  readonly step: StepStatus;
  readonly index: number;
  readonly isSelected: boolean;
  readonly onSelect: (stepId: string) => void;
}

function Row({ step, index, isSelected, onSelect }: RowProps): ReactElement {
  return (
    <tr aria-rowindex={index + 2} className={isSelected ? styles.selected : undefined}>
      <th scope="row">
        <button
          type="button"
          className={styles.step}
          aria-pressed={isSelected}
          onClick={() => onSelect(step.stepId)}
        >
          {step.stepId}
        </button>
      </th>
      <td>{step.type}</td>
      <td>
        <StatusBadge look={stepLook(step)} />
      </td>
      <td>{step.startedAt ? <Time at={step.startedAt} /> : '–'}</td>
      <td className="numbers">
        {step.startedAt && step.attempts ? <Duration from={step.startedAt} to={step.endedAt} /> : '–'}
      </td>
      <td className="numbers">{step.attempts ?? '–'}</td>
      <td className={styles.reason}>
        {step.blockedBy ? `${step.blockedBy.prover}: ${step.blockedBy.reason}` : (step.error?.message ?? '–')}
      </td>
    </tr>
  );
}
