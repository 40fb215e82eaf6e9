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
import { FilterField } from './FilterField.tsx';
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
  const bar = useRef<HTMLDivElement>(null);
  useAction({
    id: 'filter',
    label: 'Filter by person',
    section: 'This page',
    keys: '/',
    perform: () => bar.current?.querySelector('input')?.focus(),
  });
  const change = (name: keyof ExecutionsSearch, value: string | undefined): void => {
    const rest = Object.fromEntries(Object.entries(search).filter(([other]) => other !== name));
    onChange(value ? { ...rest, [name]: value } : rest);
  };
  const chosen = new Set(search.outcome?.split(','));
  return (
    <div ref={bar} className={styles.bar} role="search" aria-label="Filter executions">
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
        <FilterField
          key={name}
          type="text"
          label={label}
          placeholder={index === 0 ? `${label}   /` : label}
          shown={search[name] ?? ''}
          onEnter={(value) => change(name, value)}
        />
      ))}
      {TIMES.map(({ name, label }) => (
        <label key={name} className={styles.time}>
          {label}
          <FilterField
            type="datetime-local"
            label={`Started ${label}${zone === 'utc' ? ' (UTC)' : ''}`}
            shown={toField(search[name], zone)}
            onEnter={(value) => change(name, fromField(value, zone))}
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
