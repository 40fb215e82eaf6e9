import type { ReactElement } from 'react';

import type { JsonSchema } from '../api/types.ts';
import { escaped } from '../proof/json/pointer.ts';
import { Field } from '../ui/Field.tsx';
import { kindOf, type Entry, type Mistake } from './schema.ts';
import styles from './SchemaField.module.css';

interface Props {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly entry: Entry;
  readonly needed: boolean;
  readonly pointer: string;
  readonly mistakes: readonly Mistake[];
  readonly onChange: (entry: Entry) => void;
}

/** A field for one parameter, as its schema says; what no field can show is entered as JSON. */
export function SchemaField(props: Props): ReactElement {
  const { name, schema, entry, needed, pointer, mistakes, onChange } = props;
  const kind = kindOf(schema);
  if (kind === 'group') return <Group {...props} />;
  const error = mistakes.find((item) => item.pointer === pointer)?.message;
  const text = entry === undefined || typeof entry === 'object' ? '' : String(entry);
  if (kind === 'boolean') {
    return (
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={entry === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>
          {schema.title ?? name}
          {schema.description ? <small className={styles.hint}>{schema.description}</small> : null}
        </span>
      </label>
    );
  }
  return (
    <Field
      label={schema.title ?? name}
      hint={hintOf(kind, schema)}
      error={error && `${name} ${error}`}
      required={needed}
    >
      {(control) => {
        const common = { ...control, 'data-pointer': pointer, value: text };
        switch (kind) {
          case 'choice':
            return (
              <select {...common} onChange={(event) => onChange(event.target.value)}>
                <option value="">{needed ? 'Choose…' : 'not stated'}</option>
                {schema.enum?.map((item) => (
                  <option key={String(item)} value={String(item)}>
                    {String(item)}
                  </option>
                ))}
              </select>
            );
          case 'list':
          case 'json':
            return <textarea {...common} rows={4} onChange={(event) => onChange(event.target.value)} />;
          default:
            return (
              <input
                {...common}
                type={schema.format === 'date' ? 'date' : 'text'}
                inputMode={kind === 'text' ? undefined : 'decimal'}
                autoComplete="off"
                onChange={(event) => onChange(event.target.value)}
              />
            );
        }
      }}
    </Field>
  );
}

function Group({ name, schema, entry, pointer, mistakes, onChange }: Props): ReactElement {
  const entries = typeof entry === 'object' ? entry : {};
  return (
    <fieldset className={styles.group}>
      <legend>{schema.title ?? name}</legend>
      {Object.entries(schema.properties ?? {}).map(([part, partSchema]) => (
        <SchemaField
          key={part}
          name={part}
          schema={partSchema}
          entry={entries[part]}
          needed={schema.required?.includes(part) ?? false}
          pointer={`${pointer}/${escaped(part)}`}
          mistakes={mistakes}
          onChange={(value) => onChange({ ...entries, [part]: value })}
        />
      ))}
    </fieldset>
  );
}

function hintOf(kind: string, schema: JsonSchema): string {
  const { minimum, maximum } = schema;
  const range =
    minimum !== undefined || maximum !== undefined
      ? `${String(minimum ?? '−∞')} to ${String(maximum ?? '∞')}`
      : '';
  const how = kind === 'list' ? 'one a line' : kind === 'json' ? 'as JSON' : '';
  return [schema.description, range, how].filter(Boolean).join(' · ');
}
