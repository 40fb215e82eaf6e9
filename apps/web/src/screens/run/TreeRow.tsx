import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo, type ReactElement } from 'react';

import type { StepStatus } from '../../api/types.ts';
import { classes } from '../../ui/classes.ts';
import { StatusGlyph } from '../../ui/StatusGlyph.tsx';
import { stepLook } from '../../ui/status.ts';
import { Duration } from '../../ui/Time.tsx';
import type { RowShown } from './rows.ts';
import styles from './StepsTree.module.css';
import { groupLook, tallyText } from '../../graph/tally.ts';

interface Props {
  readonly row: RowShown;
  readonly id: string;
  readonly index: number;
  readonly count: number;
  readonly top: number;
  readonly isSelected: boolean;
  readonly isActive: boolean;
}

/** One step, or one family of them. Clicks are heard by the tree. */
export const TreeRow = memo(function TreeRow(props: Props): ReactElement {
  const { row, id, index, count, top, isSelected, isActive } = props;
  const level = row.kind === 'family' ? 1 : row.level;
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-selected={isSelected}
      aria-expanded={row.kind === 'family' ? row.open : undefined}
      data-row={index}
      className={classes(styles.row, level === 2 && styles.inner, isActive && styles.active)}
      style={{ transform: `translateY(${String(top)}px)` }}
    >
      {row.kind === 'family' ? <Family row={row} /> : <Step step={row.step} />}
    </div>
  );
});

function Family({ row }: { readonly row: Extract<RowShown, { kind: 'family' }> }): ReactElement {
  const Icon = row.open ? ChevronDown : ChevronRight;
  return (
    <>
      <Icon size={14} aria-hidden="true" className={styles.chevron} />
      <StatusGlyph look={groupLook(row.tally)} />
      <span className={styles.name} title={row.name}>
        {row.name}
      </span>
      <span className={styles.note}>{tallyText(row.tally)}</span>
    </>
  );
}

function Step({ step }: { readonly step: StepStatus }): ReactElement {
  const attempts = step.attempts ?? 0;
  return (
    <>
      <StatusGlyph look={stepLook(step)} />
      <span className={styles.name} title={step.description || step.stepId}>
        {step.stepId}
      </span>
      {attempts > 1 ? (
        <span className={styles.tries} title={`${String(attempts)} attempts`}>
          ↻{attempts}
          <span className="visually-hidden"> attempts</span>
        </span>
      ) : null}
      {step.items ? (
        <span className={styles.note}>
          ×{step.items}
          <span className="visually-hidden"> items</span>
        </span>
      ) : null}
      <span className={styles.type}>{step.type}</span>
      {step.startedAt && step.outcome !== 'skipped' ? (
        <span className={styles.took}>
          <Duration from={step.startedAt} to={step.endedAt} />
        </span>
      ) : null}
    </>
  );
}
