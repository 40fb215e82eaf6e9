import { useQuery } from '@tanstack/react-query';
import { useRef, type ReactElement } from 'react';

import { templatesQuery } from '../../api/queries.ts';
import { useAction } from '../../keys/useAction.ts';
import type { ExecutionsSearch } from '../../search.ts';
import { Button } from '../../ui/Button.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { executionLook } from '../../ui/status.ts';
import { fromField, toField } from '../../ui/time.ts';
import { isFiltered, OUTCOMES, toggled } from './filters.ts';
import styles from './FilterBar.module.css';

interface Props {
  readonly search: ExecutionsSearch;
  readonly onChange: (search: ExecutionsSearch) => void;
}

const WORDS = [
  { name: 'actor', label: 'Started by' },
  { name: 'step', label: 'Failed step' },
  { name: 'prover', label: 'Failed prover' },
] as const;
const TIMES = [
  { name: 'from', label: 'since' },
  { name: 'to', label: 'before' },
] as const;

/** Filters of the list; each is in the address, so that a view can be sent to somebody. */
export function FilterBar({ search, onChange }: Props): ReactElement {
  const templates = useQuery(templatesQuery);
  const { zone } = usePreferences();
  const first = useRef<HTMLInputElement>(null);
  useAction({
    id: 'filter',
    label: 'Filter by person',
    section: 'This page',
    keys: '/',
    perform: () => first.current?.focus(),
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
      {WORDS.map(({ name, label }, index) => (
        <input
          key={`${name} ${search[name] ?? ''}`}
          ref={index === 0 ? first : undefined}
          className={styles.control}
          aria-label={label}
          placeholder={index === 0 ? `${label}   /` : label}
          maxLength={256}
          spellCheck={false}
          defaultValue={search[name] ?? ''}
          onKeyDown={(event) => event.key === 'Enter' && change(name, event.currentTarget.value.trim())}
          onBlur={(event) =>
            event.target.value.trim() !== (search[name] ?? '') && change(name, event.target.value.trim())
          }
        />
      ))}
      {TIMES.map(({ name, label }) => (
        <label key={`${name} ${search[name] ?? ''} ${zone}`} className={styles.time}>
          {label}
          <input
            type="datetime-local"
            step={1}
            className={styles.control}
            aria-label={`Started ${label}${zone === 'utc' ? ' (UTC)' : ''}`}
            defaultValue={toField(search[name], zone)}
            onBlur={(event) => {
              // What the field cannot show of a time is not lost by looking at it.
              if (event.target.value !== event.target.defaultValue)
                change(name, fromField(event.target.value, zone));
            }}
          />
        </label>
      ))}
      {isFiltered(search) ? (
        <Button kind="quiet" onClick={() => onChange({})}>
          Clear
        </Button>
      ) : null}
    </div>
  );
}
