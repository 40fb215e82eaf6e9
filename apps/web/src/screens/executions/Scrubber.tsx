import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react';

import { histogramQuery } from '../../api/screen-queries.ts';
import type { ExecutionsSearch } from '../../search.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/classes.ts';
import { usePreferences } from '../../ui/preferences.ts';
import { brief } from '../../ui/time.ts';
import { columnAt, columnMoved, columnsOf, reachOf, summaryOf, type Column, type Reach } from './columns.ts';
import { histogramQueryOf } from './filters.ts';
import styles from './Scrubber.module.css';

const COLUMNS = 60;

interface Props {
  readonly search: ExecutionsSearch;
  /** False keeps its place, and asks nothing yet. */
  readonly isAsked: boolean;
  /** Undefined for all times. */
  readonly onReach: (reach: Reach | undefined) => void;
}

/** When executions started, as a row of columns; some of them are chosen by clicking, dragging or keys. */
export function Scrubber({ search, isAsked, onReach }: Props): ReactElement | null {
  const { zone } = usePreferences();
  const query = useQuery({ ...histogramQuery(histogramQueryOf(search, COLUMNS)), enabled: isAsked });
  const columns = useMemo(() => (query.data ? columnsOf(query.data) : []), [query.data]);
  const told = (time: number): string => brief(new Date(time).toISOString(), zone, new Date());
  const isNarrowed = search.from !== undefined || search.to !== undefined;
  const first = columns[0];
  const last = columns.at(-1);
  if (query.isPending) return <div className={styles.place} aria-hidden="true" />;
  // Without any it is the list that says so; one that cannot be counted is listed all the same.
  if (!first || !last || (!isNarrowed && columns.every((column) => column.total === 0))) return null;
  return (
    <section className={styles.scrubber} aria-label="Executions over time">
      <Columns columns={columns} told={told} summary={summaryOf(columns, told)} onReach={onReach} />
      <p className={styles.ends}>
        <span>{told(first.from)}</span>
        {isNarrowed ? (
          <Button kind="quiet" className={styles.all} onClick={() => onReach(undefined)}>
            All times
          </Button>
        ) : null}
        <span>{told(last.to)}</span>
      </p>
    </section>
  );
}

interface ColumnsProps {
  readonly columns: readonly Column[];
  readonly told: (time: number) => string;
  readonly summary: string;
  readonly onReach: Props['onReach'];
}

/** The columns of a drag, or of keys with Shift, are marked until they are let go of, or Enter is pressed. */
function Columns({ columns, told, summary, onReach }: ColumnsProps): ReactElement {
  const bar = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(columns.length - 1);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [drags, setDrags] = useState(false);
  const place = Math.min(at, columns.length - 1);
  const low = Math.min(anchor ?? place, place);
  const high = Math.max(anchor ?? place, place);
  const choose = (): void => {
    const reach = reachOf(columns, low, high);
    setAnchor(null);
    if (reach) onReach(reach);
  };
  const under = (event: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    return box ? columnAt(columns.length, (event.clientX - box.left) / box.width) : place;
  };
  const press = (event: KeyboardEvent): void => {
    const to = columnMoved(columns.length, place, event.key);
    if (to !== null) {
      setAnchor(event.shiftKey ? (anchor ?? place) : null);
      setAt(to);
    } else if (event.key === 'Enter' || event.key === ' ') choose();
    else if (event.key === 'Escape' && anchor !== null) setAnchor(null);
    else return;
    event.preventDefault();
  };
  const shown = columns.slice(low, high + 1);
  return (
    <>
      <div
        ref={bar}
        role="slider"
        tabIndex={0}
        className={styles.columns}
        aria-label="Time of the start"
        aria-valuemin={0}
        aria-valuemax={columns.length - 1}
        aria-valuenow={place}
        aria-valuetext={saidOf(shown, told)}
        aria-describedby="scrubber-summary scrubber-keys"
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setAnchor(under(event));
          setAt(under(event));
          setDrags(true);
        }}
        onPointerMove={(event) => drags && setAt(under(event))}
        onPointerUp={() => {
          if (drags) choose();
          setDrags(false);
        }}
        onPointerCancel={() => {
          setAnchor(null);
          setDrags(false);
        }}
      >
        {columns.map((column, index) => (
          <span
            key={column.from}
            className={classes(
              styles.column,
              anchor !== null && index >= low && index <= high && styles.chosen,
              index === place && styles.current,
            )}
            title={saidOf([column], told)}
          >
            {column.parts.map((part) => (
              <span
                key={part.tone}
                className={classes(styles.part, styles[part.tone])}
                style={{ height: `${String(part.share * 100)}%` }}
              />
            ))}
          </span>
        ))}
      </div>
      <p id="scrubber-summary" className="visually-hidden">
        {summary}
      </p>
      <p id="scrubber-keys" className="visually-hidden">
        Arrow keys move, with Shift they choose several, Enter shows only those.
      </p>
    </>
  );
}

function saidOf(columns: readonly Column[], told: (time: number) => string): string {
  const first = columns[0];
  const last = columns.at(-1);
  if (!first || !last) return '';
  const total = columns.reduce((sum, column) => sum + column.total, 0);
  const words =
    columns.length === 1 && total ? `: ${first.words}` : `: ${total.toLocaleString('en')} started`;
  return `${told(first.from)} to ${told(last.to)}${words}`;
}
