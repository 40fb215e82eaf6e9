import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { executionsQuery, templateQuery } from '../../api/queries.ts';
import type { Template } from '../../api/types.ts';
import type { TemplateSearch } from '../../search.ts';
import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { Page } from '../../ui/Page.tsx';
import { Facts, Panel } from '../../ui/Panel.tsx';
import { Region } from '../../ui/Region.tsx';
import { Table } from '../../ui/Table.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { ExecutionTable } from '../executions/ExecutionTable.tsx';
import { bounds, effects } from './templateFacts.ts';
import styles from './TemplatePage.module.css';

const TABS = [
  { id: 'steps', label: 'Steps' },
  { id: 'parameters', label: 'Parameters' },
  { id: 'history', label: 'History' },
  { id: 'definition', label: 'Definition' },
] as const;

/** One runbook: what it does, what it asks for, how it went, and the definition as it is pinned at a start. */
export function TemplatePage(): ReactElement {
  const { runbookId } = useParams({ from: '/shell/runbooks/$runbookId' });
  const { tab = 'steps' } = useSearch({ from: '/shell/runbooks/$runbookId' });
  const query = useQuery(templateQuery(runbookId));
  const navigate = useNavigate();
  const run = query.data?.actions.find((action) => action.name === 'execute');
  const open = (): void => void navigate({ to: '/runbooks/$runbookId/run', params: { runbookId } });
  const against = run?.enabled === false ? (run.reason ?? 'not now') : undefined;
  useAction({
    id: 'run',
    label: 'Run this runbook',
    section: 'This page',
    keys: 'r',
    perform: open,
    disabled: against,
  });
  const select = (id: NonNullable<TemplateSearch['tab']>): void =>
    void navigate({ to: '.', search: id === 'steps' ? {} : { tab: id }, replace: true });
  return (
    <Page
      title={query.data?.name ?? runbookId}
      lead={
        query.data ? (
          <>
            <code>{runbookId}</code> v{query.data.version} · purpose {query.data.purpose} ·{' '}
            <HashChip value={query.data.digest} label="definition digest" />
          </>
        ) : null
      }
      actions={
        <Button kind="primary" shortcut="r" onClick={open} unavailable={against}>
          Run…
        </Button>
      }
    >
      <Region query={query}>
        {(template) => (
          <div className={styles.columns}>
            <Tabs label="Parts of the runbook" tabs={TABS} selected={tab} onSelect={select}>
              {tab === 'steps' ? <Steps template={template} /> : null}
              {tab === 'parameters' ? <Parameters template={template} /> : null}
              {tab === 'history' ? <History runbookId={runbookId} /> : null}
              {tab === 'definition' ? (
                // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
                <pre className={styles.definition} tabIndex={0} aria-label="Definition">
                  {JSON.stringify(template.definition, null, 2)}
                </pre>
              ) : null}
            </Tabs>
            <Panel title="What it does outside of itself">
              {effects(template).length ? (
                <Facts
                  items={effects(template).map(({ what, steps }) => [what, steps.join(', ')] as const)}
                />
              ) : (
                <p>Nothing: it only reads.</p>
              )}
            </Panel>
          </div>
        )}
      </Region>
    </Page>
  );
}

function Steps({ template }: { readonly template: Template }): ReactElement {
  return (
    <Table label="Steps" columns={['Step', 'Kind', 'After']}>
      {template.steps.map((step) => (
        <tr key={step.stepId}>
          <td>
            <code>{step.stepId}</code>
          </td>
          <td>{step.type}</td>
          <td className={styles.soft}>{step.dependsOn.join(', ') || 'the start'}</td>
        </tr>
      ))}
    </Table>
  );
}

function Parameters({ template }: { readonly template: Template }): ReactElement {
  const properties = Object.entries(template.parameters.properties ?? {});
  if (!properties.length) return <p className={styles.soft}>It asks for nothing.</p>;
  return (
    <Table label="Parameters" columns={['Name', 'What is allowed', 'Needed', 'Meaning']}>
      {properties.map(([name, schema]) => (
        <tr key={name}>
          <td>
            <code>{name}</code>
          </td>
          <td>{bounds(schema)}</td>
          <td>{template.parameters.required?.includes(name) ? 'yes' : 'no'}</td>
          <td className={styles.soft}>{schema.description ?? ''}</td>
        </tr>
      ))}
    </Table>
  );
}

function History({ runbookId }: { readonly runbookId: string }): ReactElement {
  const query = useQuery(executionsQuery(new URLSearchParams({ runbookId, limit: '30' }).toString()));
  return (
    <Region query={query}>
      {(page) =>
        page.items.length ? (
          <>
            <ExecutionTable items={page.items} />
            <p className={styles.more}>
              <Link to="/executions" search={{ runbook: runbookId }}>
                All {page.total.value} executions
              </Link>
            </p>
          </>
        ) : (
          <p className={styles.soft}>It has never been run.</p>
        )
      }
    </Region>
  );
}
