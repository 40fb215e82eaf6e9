import { useState, useRef, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';

import type { ReviewTicket } from '../../api/types.ts';
import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { canBulk } from './bulk.ts';
import { BulkBar } from './BulkBar.tsx';
import { fitting, held, type Filter } from './queue.ts';
import styles from './Queue.module.css';
import { QueueRow } from './QueueRow.tsx';
import { useSelection } from './useSelection.ts';

interface Props {
  readonly all: readonly ReviewTicket[];
  readonly filter: Filter;
  readonly subject: string;
  readonly empty: ReactNode;
}

/** Rows stay where they are until somebody asks for the new ones: nothing moves away under a hand. */
export function QueueTable({ all, filter, subject, empty }: Props): ReactElement {
  const wanted = fitting(all, filter);
  const ids = wanted.map((review) => review.reviewId);
  const [kept, keep] = useState(ids);
  const body = useRef<HTMLTableSectionElement>(null);
  const { rows, fresh } = held(kept, wanted, all);
  if (!rows.length && fresh.length) keep(ids);
  const [at, setAt] = useState(0);
  const place = Math.min(at, Math.max(0, rows.length - 1));
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    body.current?.querySelectorAll<HTMLElement>('a[data-case]')[next]?.focus();
  };
  const selection = useSelection(rows);
  // Who may say nothing in any case has nothing to choose.
  const isBulk = filter.shelf !== 'decided' && (canBulk(rows) || selection.chosen.length > 0);
  const isIn = (): boolean => body.current?.contains(document.activeElement) ?? false;
  useAction({
    id: 'review-next',
    label: 'Next case',
    section: 'This page',
    keys: 'j',
    perform: () => go(isIn() ? place + 1 : place),
  });
  useAction({
    id: 'review-previous',
    label: 'Previous case',
    section: 'This page',
    keys: 'k',
    perform: () => go(isIn() ? place - 1 : place),
  });
  const arrows = (event: KeyboardEvent): void => {
    const current = rows[place];
    if (event.key === ' ' && isBulk && current && event.target instanceof HTMLAnchorElement) {
      event.preventDefault();
      selection.toggle(current.reviewId);
      return;
    }
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  return (
    <>
      <div role="status" className={styles.news}>
        {rows.length > 0 && fresh.length > 0 ? (
          <Button onClick={() => keep(ids)}>
            {fresh.length} new {fresh.length === 1 ? 'case' : 'cases'}, show
          </Button>
        ) : null}
      </div>
      {rows.length ? (
        <table className={styles.table}>
          <caption className="visually-hidden">
            {filter.shelf === 'decided' ? 'Cases, latest first' : 'Cases by risk, then by age'}
          </caption>
          <thead>
            <tr>
              {isBulk ? (
                <th scope="col">
                  <input
                    type="checkbox"
                    className={styles.box}
                    aria-label="Choose all cases"
                    checked={selection.chosen.length === rows.length}
                    ref={(box) => {
                      if (box) box.indeterminate = selection.chosen.length % rows.length > 0;
                    }}
                    onChange={(event) =>
                      selection.set(event.target.checked ? rows.map((review) => review.reviewId) : [])
                    }
                  />
                </th>
              ) : null}
              <th scope="col">Runbook</th>
              <th scope="col">Failed step</th>
              <th scope="col">Prover and reason</th>
              <th scope="col">Requester</th>
              <th scope="col">Risk</th>
              <th scope="col">Age</th>
              <th scope="col">{filter.shelf === 'decided' ? 'Decided' : 'Due'}</th>
              <th scope="col">{filter.shelf === 'decided' ? 'How' : 'Approvals'}</th>
            </tr>
          </thead>
          {/* The links take the keys; a handler for all of them saves one a row. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <tbody ref={body} onKeyDown={arrows}>
            {rows.map((review, index) => (
              <QueueRow
                key={review.reviewId}
                review={review}
                subject={subject}
                isCurrent={index === place}
                onFocus={() => setAt(index)}
                isChosen={selection.has(review.reviewId)}
                onChoose={isBulk ? () => selection.toggle(review.reviewId) : undefined}
              />
            ))}
          </tbody>
        </table>
      ) : (
        empty
      )}
      <BulkBar selection={selection} />
    </>
  );
}
