import { useQuery } from '@tanstack/react-query';
import { useRef, type ReactElement } from 'react';

import { templatesQuery } from '../../api/queries.ts';
import { useAction } from '../../keys/useAction.ts';
import type { ExecutionsSearch } from '../../search.ts';
import { Button } from '../../ui/Button.tsx';
import { executionLook } from '../../ui/status.ts';
import { isFiltered, OUTCOMES, toggled } from './filters.ts';
import styles from './FilterBar.module.css';

interface Props {
  readonly search: ExecutionsSearch;
  readonly onChange: (search: ExecutionsSearch) => void;
}

/** Filters of the list; each is in the address, so that a view can be sent to somebody. */
export function FilterBar({ search, onChange }: Props): ReactElement {
  const templates = useQuery(templatesQuery);
  const actor = useRef<HTMLInputElement>(null);
  useAction({
    id: 'filter',
    label: 'Filter by person',
    section: 'This page',
    keys: '/',
    perform: () => actor.current?.focus(),
  });
  const change = (name: keyof ExecutionsSearch, value: string | undefined): void => {
    const rest = Object.fromEntries(Object.entries(search).filter(([other]) => other !== name));
    onChange(value ? { ...rest, [name]: value } : rest);
  };
  const chosen = new Set(search.outcome?.split(','));
  return (
    <div className={styles.bar} role="search" aria-label="Filter executions">
      <div className={styles.outcomes} role="group" aria-label="Status">
        {OUTCOMES.map((outcome) => {
          const look = executionLook(outcome);
          return (
            <button
              key={outcome}
              type="button"
              className={styles.outcome}
              aria-pressed={chosen.has(outcome)}
              onClick={() => change('outcome', toggled(search.outcome, outcome))}
            >
              <span aria-hidden="true">{look.glyph}</span> {look.word}
            </button>
          );
        })}
      </div>
      <select
        className={styles.control}
        aria-label="Runbook"
        value={search.runbook ?? ''}
        onChange={(event) => change('runbook', event.target.value)}
      >
        <option value="">All runbooks</option>
        {templates.data?.items.map((item) => (
          <option key={item.runbookId}>{item.runbookId}</option>
        ))}
      </select>
      <input
        ref={actor}
        className={styles.control}
        aria-label="Started by"
        placeholder="Started by   /"
        defaultValue={search.actor ?? ''}
        key={search.actor ?? ''}
        onKeyDown={(event) => event.key === 'Enter' && change('actor', event.currentTarget.value)}
        onBlur={(event) => event.target.value !== (search.actor ?? '') && change('actor', event.target.value)}
      />
      <label className={styles.until}>
        until
        <input
          type="datetime-local"
          className={styles.control}
          aria-label="Started until"
          defaultValue={search.to ? local(search.to) : ''}
          key={search.to ?? ''}
          onBlur={(event) =>
            change('to', event.target.value ? new Date(event.target.value).toISOString() : undefined)
          }
        />
      </label>
      {isFiltered(search) ? (
        <Button kind="quiet" onClick={() => onChange({})}>
          Clear
        </Button>
      ) : null}
    </div>
  );
}

/** A time as a field for local times wants it. */
function local(iso: string): string {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
