import { memo, type ReactElement } from 'react';

import { barsOf, type Segment } from '../../graph/timeline.ts';
import { classes } from '../../ui/classes.ts';
import { StatusGlyph } from '../../ui/StatusGlyph.tsx';
import { stepLook } from '../../ui/status.ts';
import { span } from '../../ui/time.ts';
import type { RowShown } from './rows.ts';
import { groupLook, tallyText } from '../../graph/tally.ts';
import styles from './Timeline.module.css';

interface Props {
  readonly row: RowShown;
  readonly segments: readonly Segment[];
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly top: number;
  readonly isSelected: boolean;
  readonly onSelect: (stepId: string) => void;
  readonly onToggle: (family: string, open: boolean) => void;
}

const WORDS = { queue: 'queued', run: 'ran', wait: 'waited', failed: 'failed' } as const;

/** All of the row can be clicked: a bar may be six pixels wide. By keyboard, the tree is the way to choose a step. */
export const TimelineRow = memo(function TimelineRow(props: Props): ReactElement {
  const { row, segments, from, to, width, top, isSelected, onSelect, onToggle } = props;
  const isFamily = row.kind === 'family';
  const told = [
    ...(isFamily ? [tallyText(row.tally)] : []),
    ...segments.map((one) => `${WORDS[one.kind]} ${span(one.to - one.from)}`),
  ].join(', ');
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes(styles.row, !isFamily && row.level === 2 && styles.inner)}
      aria-pressed={isFamily ? undefined : isSelected}
      aria-expanded={isFamily ? row.open : undefined}
      title={told || undefined}
      style={{ transform: `translateY(${String(top)}px)` }}
      onClick={() => (isFamily ? onToggle(row.name, !row.open) : onSelect(row.id))}
    >
      <span className={styles.label}>
        <StatusGlyph look={isFamily ? groupLook(row.tally) : stepLook(row.step)} />
        <span className={styles.name}>{isFamily ? row.name : row.id}</span>
      </span>
      <span className={styles.line} style={{ width }}>
        {barsOf(segments, { from, to }, width).map((bar) => (
          <span
            key={`${bar.kind}${String(bar.from)}`}
            className={classes(styles.bar, styles[bar.kind], isFamily && styles.whole)}
            style={{ insetInlineStart: bar.left, width: bar.width }}
          />
        ))}
        <span className="visually-hidden">{told}</span>
      </span>
    </button>
  );
});
