import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type ReactElement } from 'react';

import { stepQuery } from '../../api/queries.ts';
import type { ExecutionStatus } from '../../api/types.ts';
import { marksOf, segmentsOf, together, windowOf, type Segment } from '../../graph/timeline.ts';
import { EmptyState } from '../../ui/States.tsx';
import { span } from '../../ui/time.ts';
import { useNow } from '../../ui/useNow.ts';
import type { RowShown } from './rows.ts';
import styles from './Timeline.module.css';
import { TimelineRow } from './TimelineRow.tsx';
import { useWidth } from './useWidth.ts';

interface Props {
  readonly status: ExecutionStatus;
  readonly rows: readonly RowShown[];
  readonly selected: string | undefined;
  readonly onSelect: (stepId: string) => void;
  readonly onToggle: (family: string, open: boolean) => void;
}

const ROW = 32;
const LABELS = 190;

/** When each step waited and ran: the rows of the tree, in its order, against time. */
export function Timeline({ status, rows, selected, onSelect, onToggle }: Props): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(box) - LABELS - 16, 80);
  const isRunning = !status.endedAt;
  const now = useNow(isRunning);
  const begun = status.startedAt ? Date.parse(status.startedAt) : null;
  const segments = useSegments(status, begun ?? now, now, selected);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are not passed on
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const at = rows.findIndex((row) => row.id === selected);
  const scroll = virtual.scrollToIndex;
  useEffect(() => {
    if (at >= 0) scroll(at, { align: 'auto' });
  }, [at, scroll]);
  if (begun === null) {
    return <EmptyState title="No times yet">The service does not tell when the steps began.</EmptyState>;
  }
  const shown = windowOf(begun, status.endedAt ? Date.parse(status.endedAt) : null, now);
  const place = (at: number): number => LABELS + ((at - shown.from) / (shown.to - shown.from)) * width;
  return (
    <>
      <ul className={styles.key} aria-label="What the bars are">
        {(['queue', 'run', 'wait', 'failed'] as const).map((kind) => (
          <li key={kind}>
            <span className={`${styles.sample ?? ''} ${styles[kind] ?? ''}`} aria-hidden="true" />
            {{ queue: 'queued', run: 'ran', wait: 'between attempts', failed: 'failed attempt' }[kind]}
          </li>
        ))}
      </ul>
      <div ref={box} className={styles.box} role="group" aria-label="Timeline">
        <div className={styles.axis} aria-hidden="true">
          {marksOf(shown, width).map((mark) => (
            <span key={mark} className={styles.mark} style={{ insetInlineStart: place(shown.from + mark) }}>
              {mark === 0 ? '0' : span(mark)}
            </span>
          ))}
        </div>
        <div className={styles.all} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row ? (
              <TimelineRow
                key={row.id}
                row={row}
                segments={segmentsIn(row, segments)}
                from={shown.from}
                to={shown.to}
                width={width}
                top={item.start}
                isSelected={row.id === selected}
                onSelect={onSelect}
                onToggle={onToggle}
              />
            ) : null;
          })}
          {isRunning ? (
            <span className={styles.now} style={{ insetInlineStart: place(now) }} aria-hidden="true" />
          ) : null}
        </div>
      </div>
    </>
  );
}

const NONE: readonly Segment[] = [];

function segmentsIn(row: RowShown, segments: ReadonlyMap<string, readonly Segment[]>): readonly Segment[] {
  if (row.kind === 'step') return segments.get(row.id) ?? NONE;
  return together(row.members.map((stepId) => segments.get(stepId) ?? NONE));
}

/** Of the chosen step the attempts are known, once its detail has come. */
function useSegments(
  status: ExecutionStatus,
  begun: number,
  now: number,
  selected: string | undefined,
): ReadonlyMap<string, readonly Segment[]> {
  const detail = useQuery({
    ...stepQuery(status.executionId, selected ?? ''),
    enabled: selected !== undefined,
  });
  const attempts = detail.data?.attempts;
  return useMemo(() => {
    const known = new Map(selected !== undefined && attempts?.length ? [[selected, attempts]] : []);
    return segmentsOf(status.steps, begun, now, known);
  }, [status.steps, begun, now, selected, attempts]);
}
