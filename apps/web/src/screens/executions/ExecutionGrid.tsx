import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, type ReactElement } from 'react';

import type { ExecutionSummary } from '../../api/types.ts';
import { usePreferences } from '../../ui/preferences.ts';
import { executionLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Duration, Time } from '../../ui/Time.tsx';
import styles from './ExecutionGrid.module.css';

const COLUMNS = [
  'Status',
  'Execution',
  'Runbook',
  'Steps',
  'Failed step',
  'Started',
  'Took',
  'By',
  'Proof',
] as const;

interface Props {
  readonly rows: readonly ExecutionSummary[];
  readonly total: number;
  /** The end of what is loaded comes near. */
  readonly onEnd: () => void;
  /** Whether somebody reads further down than the top. */
  readonly onReading: (reading: boolean) => void;
}

/** A table of any length, of which only what is seen is drawn. */
export function ExecutionGrid({ rows, total, onEnd, onReading }: Props): ReactElement {
  'use no memo'; // the virtualizer changes behind one and the same object
  const scroller = useRef<HTMLDivElement>(null);
  const { density } = usePreferences();
  // eslint-disable-next-line react-hooks/incompatible-library -- see above
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (density === 'compact' ? 30 : 40),
    overscan: 8,
    getItemKey: (index) => rows[index]?.executionId ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 60) onEnd();
  }, [last, rows.length, onEnd]);
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="region"
      aria-label="Executions"
      tabIndex={0}
      style={{ height: `min(calc(100vh - 230px), ${String(virtual.getTotalSize() + 38)}px)` }}
      onScroll={(event) => onReading(event.currentTarget.scrollTop > 40)}
    >
      <div role="table" aria-label="Executions" aria-rowcount={total + 1}>
        <div role="row" aria-rowindex={1} className={styles.head}>
          {COLUMNS.map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row ? (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                className={styles.row}
                style={{ height: item.size, transform: `translateY(${String(item.start)}px)` }}
              >
                <Cells row={row} />
              </div>
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

/** Drawn once: rows come and go by the frame while somebody scrolls. */
const Cells = memo(function Cells({ row }: { readonly row: ExecutionSummary }): ReactElement {
  return (
    <>
      <span role="cell">
        <StatusBadge look={executionLook(row.outcome)} />
      </span>
      <span role="cell">
        <Link
          to="/executions/$executionId"
          params={{ executionId: row.executionId }}
          className={styles.name}
          data-row
        >
          {row.executionId}
        </Link>
      </span>
      <span role="cell">{row.runbookId}</span>
      <span role="cell" className={styles.number}>
        {row.steps.settled}/{row.steps.total}
      </span>
      <span role="cell">{row.failedStep ?? '–'}</span>
      <span role="cell">
        <Time at={row.startedAt} />
      </span>
      <span role="cell" className={styles.number}>
        <Duration from={row.startedAt} to={row.endedAt} />
      </span>
      <span role="cell">{row.executedBy}</span>
      <span role="cell" className={styles.proof}>
        {row.merkleRoot ? <code title={row.merkleRoot}>{row.merkleRoot.slice(7, 15)}</code> : '…'}
      </span>
    </>
  );
});
