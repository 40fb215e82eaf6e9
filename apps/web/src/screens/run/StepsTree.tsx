import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronUp, TriangleAlert } from 'lucide-react';
import { useEffect, useId, useRef, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react';

import type { StepStatus } from '../../api/types.ts';
import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { nextTrouble, type RowShown } from './rows.ts';
import styles from './StepsTree.module.css';
import { isTrouble } from '../../graph/tally.ts';
import { TreeRow } from './TreeRow.tsx';
import { movedTo, useCursor } from './useCursor.ts';

interface Props {
  readonly steps: readonly StepStatus[];
  readonly rows: readonly RowShown[];
  readonly selected: string | undefined;
  readonly onlyTrouble: boolean;
  readonly onOnlyTrouble: (only: boolean) => void;
  readonly onSelect: (stepId: string) => void;
  readonly onToggle: (family: string, open: boolean) => void;
}

const ROW = 32;

/** All steps, by arrow keys: the control of the view. What is drawn beside it shows the same, and chooses the same. */
export function StepsTree(props: Props): ReactElement {
  const { steps, rows, selected, onlyTrouble, onOnlyTrouble, onSelect, onToggle } = props;
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const { cursor, at, move } = useCursor(rows, selected);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are not passed on
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 8,
    // The row of the cursor stays, however far it is scrolled away: the tree names it as its active one.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(at < 0 ? [] : [at])])],
  });
  const scroll = virtual.scrollToIndex;
  useEffect(() => {
    if (at >= 0) scroll(at, { align: 'auto' });
  }, [at, scroll]);
  const run = (row: RowShown | undefined): void => {
    if (!row) return;
    move(row.id);
    if (row.kind === 'family') onToggle(row.name, !row.open);
    else onSelect(row.id);
  };
  const press = (event: KeyboardEvent): void => {
    const row = rows[at];
    const next = movedTo(rows, at, event.key);
    if (next === null) return;
    event.preventDefault();
    if (next.kind === 'move') move(next.id);
    else if (next.kind === 'toggle' && row?.kind === 'family') onToggle(row.name, next.open);
    else run(row);
  };
  const click = (event: MouseEvent): void => {
    const found = event.target instanceof Element ? event.target.closest('[data-row]') : null;
    if (found) run(rows[Number(found.getAttribute('data-row'))]);
  };
  return (
    <section className={styles.panel} aria-labelledby={`${id}-title`}>
      <TreeHead
        id={`${id}-title`}
        steps={steps}
        selected={selected}
        onlyTrouble={onlyTrouble}
        onOnlyTrouble={onOnlyTrouble}
        onSelect={onSelect}
      />
      <div
        ref={box}
        role="tree"
        aria-labelledby={`${id}-title`}
        aria-activedescendant={cursor === undefined ? undefined : `${id}-${String(at)}`}
        tabIndex={0}
        className={styles.box}
        onKeyDown={press}
        onClick={click}
      >
        {rows.length === 0 ? (
          <p role="none" className={styles.none}>
            No step has failed.
          </p>
        ) : null}
        <div role="none" className={styles.all} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row ? (
              <TreeRow
                key={row.id}
                row={row}
                id={`${id}-${String(item.index)}`}
                index={item.index}
                count={rows.length}
                top={item.start}
                isSelected={row.id === selected}
                isActive={item.index === at}
              />
            ) : null;
          })}
        </div>
      </div>
    </section>
  );
}

interface HeadProps extends Pick<Props, 'steps' | 'selected' | 'onlyTrouble' | 'onOnlyTrouble' | 'onSelect'> {
  readonly id: string;
}

function TreeHead({ id, steps, selected, onlyTrouble, onOnlyTrouble, onSelect }: HeadProps): ReactElement {
  const count = steps.filter(isTrouble).length;
  const none = count ? undefined : 'Nothing has failed';
  useAction({
    id: 'only-failures',
    label: 'Only failures',
    section: 'This page',
    keys: 'f',
    perform: () => onOnlyTrouble(!onlyTrouble),
  });
  const go = (direction: 1 | -1): void => {
    const found = nextTrouble(steps, selected, direction);
    if (found !== null) onSelect(found);
  };
  return (
    <div className={styles.head}>
      <h2 id={id}>Steps</h2>
      <span className={styles.count}>{steps.length}</span>
      <span className={styles.tools}>
        <Button
          kind="quiet"
          className={styles.tool}
          aria-pressed={onlyTrouble}
          title="Only failures (f)"
          onClick={() => onOnlyTrouble(!onlyTrouble)}
        >
          <TriangleAlert size={14} aria-hidden="true" />
          <span className="visually-hidden">Only failures: </span>
          {count}
        </Button>
        <Button
          kind="quiet"
          className={styles.tool}
          aria-label="Previous failure"
          title="Previous failure ([)"
          unavailable={none}
          onClick={() => go(-1)}
        >
          <ChevronUp size={15} aria-hidden="true" />
        </Button>
        <Button
          kind="quiet"
          className={styles.tool}
          aria-label="Next failure"
          title="Next failure (])"
          unavailable={none}
          onClick={() => go(1)}
        >
          <ChevronDown size={15} aria-hidden="true" />
        </Button>
      </span>
    </div>
  );
}
