import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState, type ReactElement } from 'react';

import { rehearse, start } from '../../api/mutations.ts';
import { Problem } from '../../api/problem.ts';
import type { Template } from '../../api/types.ts';
import { entriesOf, kindOf, readEntry, type Entry, type Mistake } from '../../forms/schema.ts';
import { SchemaField } from '../../forms/SchemaField.tsx';
import { useAction } from '../../keys/useAction.ts';
import { escaped } from '../../proof/json/pointer.ts';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Facts, Panel } from '../../ui/Panel.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { ProblemPanel } from '../../ui/States.tsx';
import { Rehearsal } from './Rehearsal.tsx';
import { effects, stepKinds } from './templateFacts.ts';
import styles from './ParameterForm.module.css';

interface Props {
  readonly template: Template;
  /** Parameters of an earlier execution, to begin with. */
  readonly earlier: Readonly<Record<string, unknown>>;
}

export function ParameterForm({ template, earlier }: Props): ReactElement {
  const schema = template.parameters;
  const asFields = kindOf(schema) === 'group' || !Object.keys(schema.properties ?? {}).length;
  const [entry, setEntry] = useState<Entry>(() =>
    asFields ? entriesOf({ ...schema, type: 'object' }, earlier) : '{}',
  );
  const [purpose, setPurpose] = useState(template.purpose ?? '');
  // Without a purpose it is the runbook's, which may have none.
  const stated = purpose === '' ? {} : { purpose };
  const [mistakes, setMistakes] = useState<readonly Mistake[]>([]);
  const [key, setKey] = useState(() => crypto.randomUUID());
  const summary = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const begin = useMutation({
    mutationFn: (parameters: Record<string, unknown>) =>
      start({ runbookId: template.runbookId, parameters, ...stated }, key),
    onSuccess: (execution) =>
      navigate({ to: '/executions/$executionId', params: { executionId: execution.executionId } }),
    onError: (error) => {
      if (error instanceof Problem)
        setMistakes(error.faults.map(({ pointer = '', message }) => ({ pointer: inForm(pointer), message })));
    },
  });
  const trial = useMutation({
    mutationFn: (parameters: Record<string, unknown>) =>
      rehearse({ runbookId: template.runbookId, parameters, ...stated }),
  });
  const withParameters = (then: (parameters: Record<string, unknown>) => void): void => {
    if (begin.isPending) return;
    const read = readEntry(asFields ? { ...schema, type: 'object' } : {}, entry, '', true);
    setMistakes(read.mistakes);
    if (read.mistakes.length) requestAnimationFrame(() => summary.current?.focus());
    else then((read.value ?? {}) as Record<string, unknown>);
  };
  const submit = (): void => withParameters((parameters) => begin.mutate(parameters));
  const change = (value: Entry): void => {
    setEntry(value);
    trial.reset();
    setKey(crypto.randomUUID()); // other parameters are another execution
  };
  useAction({ id: 'start', label: 'Start it', section: 'This page', keys: 'mod+Enter', perform: submit });
  const properties = Object.entries(schema.properties ?? {});
  return (
    <form
      className={styles.columns}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={styles.fields}>
        {mistakes.length ? (
          <div ref={summary} tabIndex={-1} className={styles.summary} role="alert">
            <h2>
              {mistakes.length === 1
                ? 'One thing is not right'
                : `${String(mistakes.length)} things are not right`}
            </h2>
            <ul>
              {mistakes.map((mistake) => (
                <li key={mistake.pointer + mistake.message}>
                  <button type="button" className={styles.jump} onClick={() => jump(mistake.pointer)}>
                    <code>{mistake.pointer.slice(1) || 'parameters'}</code> {mistake.message}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {!asFields ? (
          <SchemaField
            name="Parameters"
            schema={{}}
            entry={entry}
            needed
            pointer=""
            mistakes={mistakes}
            onChange={change}
          />
        ) : properties.length ? (
          properties.map(([name, part]) => (
            <SchemaField
              key={name}
              name={name}
              schema={part}
              entry={typeof entry === 'object' ? entry[name] : undefined}
              needed={schema.required?.includes(name) ?? false}
              pointer={`/${escaped(name)}`}
              mistakes={mistakes}
              onChange={(value) => change({ ...(typeof entry === 'object' ? entry : {}), [name]: value })}
            />
          ))
        ) : (
          <p className={styles.soft}>This runbook asks for nothing.</p>
        )}
        <Field label="Purpose" hint="Licences allow uses for purposes; it goes into the signed record.">
          {(control) => (
            <input {...control} value={purpose} onChange={(event) => setPurpose(event.target.value)} />
          )}
        </Field>
        {begin.error && !mistakes.length ? <ProblemPanel error={begin.error} /> : null}
        <div className={styles.buttons}>
          <Button type="submit" kind="primary" busy={begin.isPending} shortcut="⌘↵">
            {begin.isPending ? 'Starting…' : 'Run'}
          </Button>
          <Button
            busy={trial.isPending}
            onClick={() => withParameters((parameters) => trial.mutate(parameters))}
          >
            Dry run
          </Button>
        </div>
      </div>
      <div className={styles.aside} aria-live="polite">
        <Panel title="What will happen">
          <Facts
            items={[
              ['Steps', stepKinds(template)],
              ...effects(template).map(({ what, steps }) => [what, steps.join(', ')] as const),
              ['Definition', <HashChip key="digest" value={template.digest} label="definition digest" />],
            ]}
          />
        </Panel>
        {trial.error ? <ProblemPanel error={trial.error} /> : null}
        {trial.data ? <Rehearsal told={trial.data} /> : null}
      </div>
    </form>
  );
}

/** The service names the body's members; the form names the parameters'. */
function inForm(pointer: string): string {
  return pointer.replace(/^\/parameters/, '');
}

function jump(pointer: string): void {
  document.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(pointer)}"]`)?.focus();
}
