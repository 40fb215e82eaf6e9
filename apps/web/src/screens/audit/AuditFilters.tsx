import { useNavigate } from '@tanstack/react-router';
import { useRef, useState, type ReactElement } from 'react';

import { isFiltered, withFilter } from '../../audit/filters.ts';
import { useAction } from '../../keys/useAction.ts';
import type { AuditSearch } from '../../search.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { fromField, toField } from '../../ui/time.ts';
import styles from './Audit.module.css';

const NAMES = [
  { name: 'who', label: 'Who', placeholder: 'anybody' },
  { name: 'action', label: 'Action', placeholder: 'such as execution.start' },
  { name: 'object', label: 'Object', placeholder: 'an execution, review or runbook' },
] as const;
const TIMES = [
  { name: 'from', label: 'From' },
  { name: 'to', label: 'Until' },
] as const;

/** What is looked for; it stands in the address once it is applied. */
export function AuditFilters({ search }: { readonly search: AuditSearch }): ReactElement {
  const navigate = useNavigate();
  const { zone } = usePreferences();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<AuditSearch>(search);
  const change = (name: keyof AuditSearch, value: string | undefined): void =>
    setDraft((before) => withFilter(before, name, value));
  const apply = (wanted: AuditSearch): void => void navigate({ to: '/audit', search: wanted });
  useAction({
    id: 'audit-filter',
    label: 'Filter the audit trail',
    section: 'This page',
    keys: '/',
    perform: () => form.current?.querySelector('input')?.focus(),
  });
  return (
    <form
      ref={form}
      className={styles.filters}
      aria-label="Filters"
      onSubmit={(event) => {
        event.preventDefault();
        apply(draft);
      }}
    >
      {NAMES.map(({ name, label, placeholder }) => (
        <Field key={name} label={label}>
          {(control) => (
            <input
              {...control}
              type="text"
              spellCheck={false}
              autoComplete="off"
              maxLength={256}
              placeholder={placeholder}
              value={draft[name] ?? ''}
              onChange={(event) => change(name, event.target.value.trim())}
            />
          )}
        </Field>
      ))}
      {TIMES.map(({ name, label }) => (
        <Field key={name} label={zone === 'utc' ? `${label} (UTC)` : label}>
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              step={1}
              value={toField(draft[name], zone)}
              onChange={(event) => change(name, fromField(event.target.value, zone))}
            />
          )}
        </Field>
      ))}
      <div className={styles.buttons}>
        <Button type="submit" kind="primary">
          Filter
        </Button>
        {isFiltered(search) ? <Button onClick={() => apply({})}>Show all</Button> : null}
      </div>
    </form>
  );
}
