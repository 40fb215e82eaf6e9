import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactElement } from 'react';

import type { LogLine } from '../../../api/types.ts';
import { classes } from '../../../ui/classes.ts';
import { StatusGlyph } from '../../../ui/StatusGlyph.tsx';
import { Clock } from '../../../ui/Time.tsx';
import { kindWords, LEVELS, piecesOf, plain } from './lines.ts';
import styles from './Log.module.css';

interface Props {
  readonly label: string;
  readonly lines: readonly LogLine[];
  readonly letters: string;
  readonly withStep: boolean;
  /** The line that the address names, as a place among them. */
  readonly at: number | null;
  /** Stay at the newest line. */
  readonly end: boolean;
  /** Somebody goes up and away from the newest. */
  readonly onLeave: () => void;
  readonly onLine: (seq: number) => void;
}

const ROW = 29;
/** The head lies over the first line, and pushes the last one down. */
const HEAD = 36;

/** A log of any length, of which only what is seen is drawn. */
export function LogLines(props: Props): ReactElement {
  'use no memo'; // the virtualizer changes behind one and the same object
  const { label, lines, letters, withStep, at, end, onLeave, onLine } = props;
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- see above
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollPaddingStart: HEAD,
    scrollPaddingEnd: HEAD,
    getItemKey: (index) => lines[index]?.seq ?? index,
  });
  const scroll = virtual.scrollToIndex;
  const last = lines.length - 1;
  const reached = useRef(0);
  useEffect(() => {
    if (end) scroll(last, { align: 'end' });
  }, [end, last, scroll]);
  const seq = at === null ? undefined : lines[at]?.seq;
  useEffect(() => {
    if (at !== null) scroll(at, { align: 'center' });
    // A line is gone to once, and not again whenever others come before it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [seq, scroll]);
  return (
    <div
      ref={box}
      className={styles.box}
      role="region"
      aria-label={label}
      tabIndex={0}
      onScroll={(event) => {
        const top = event.currentTarget.scrollTop;
        // Following goes down only.
        if (end && top < reached.current - 4) onLeave();
        reached.current = top;
      }}
    >
      <div
        role="table"
        aria-label={label}
        aria-rowcount={lines.length + 1}
        data-steps={withStep || undefined}
      >
        <div role="row" aria-rowindex={1} className={classes(styles.row, styles.head)}>
          <span role="columnheader">Line</span>
          <span role="columnheader">Time</span>
          <span role="columnheader">
            <span className="visually-hidden">Level</span>
          </span>
          {withStep ? <span role="columnheader">Step</span> : null}
          <span role="columnheader">What</span>
          <span role="columnheader">In words</span>
        </div>
        <div role="rowgroup" className={styles.all} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return line ? (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                className={classes(styles.row, styles.line, line.seq === seq && styles.chosen)}
                style={{ transform: `translateY(${String(item.start)}px)` }}
              >
                <Cells
                  line={line}
                  letters={letters}
                  withStep={withStep}
                  isChosen={line.seq === seq}
                  onLine={onLine}
                />
              </div>
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

interface CellsProps extends Pick<Props, 'letters' | 'withStep' | 'onLine'> {
  readonly line: LogLine;
  readonly isChosen: boolean;
}

function Cells({ line, letters, withStep, isChosen, onLine }: CellsProps): ReactElement {
  return (
    <>
      <span role="cell">
        <button
          type="button"
          className={styles.seq}
          aria-label={`Line ${String(line.seq)}: put it in the address`}
          aria-pressed={isChosen}
          onClick={() => onLine(line.seq)}
        >
          {line.seq}
        </button>
      </span>
      <span role="cell" className={styles.time}>
        {line.at === null ? '–' : <Clock at={line.at} />}
      </span>
      <span role="cell">{line.level === 'info' ? null : <StatusGlyph look={LEVELS[line.level]} />}</span>
      {withStep ? (
        <span role="cell" className={styles.step}>
          <Marked text={plain(line.stepId ?? '–')} letters={letters} />
        </span>
      ) : null}
      <span role="cell" className={styles.kind}>
        <Marked text={kindWords(line.kind)} letters={letters} />
      </span>
      <span role="cell" className={classes(styles.words, styles[line.level])}>
        <Marked text={plain(line.words)} letters={letters} />
      </span>
    </>
  );
}

function Marked({ text, letters }: { readonly text: string; readonly letters: string }): ReactElement {
  return (
    <>
      {piecesOf(text, letters).map((piece, index) =>
        piece.isHit ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
      )}
    </>
  );
}
