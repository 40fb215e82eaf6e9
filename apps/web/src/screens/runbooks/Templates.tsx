import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState, type ReactElement } from 'react';

import { executionsQuery, templatesQuery } from '../../api/queries.ts';
import type { ExecutionSummary, Template, Templates as Answer } from '../../api/types.ts';
import { useRowKeys } from '../../keys/useRowKeys.ts';
import { useAction } from '../../keys/useAction.ts';
import { Page } from '../../ui/Page.tsx';
import { Region } from '../../ui/Region.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { RunStrip } from './RunStrip.tsx';
import { stepKinds } from './templateFacts.ts';
import styles from './Templates.module.css';

/** The runbooks of this installation. */
export function Templates(): ReactElement {
  const templates = useQuery(templatesQuery);
  const recent = useQuery(executionsQuery('limit=200'));
  return (
    <Page title="Runbooks" lead="What can be run here, and how it went the last times.">
      <Region query={templates}>
        {(found) => <Shelf found={found} recent={recent.data?.items ?? []} />}
      </Region>
    </Page>
  );
}

function Shelf({
  found,
  recent,
}: {
  readonly found: Answer;
  readonly recent: readonly ExecutionSummary[];
}): ReactElement {
  const [words, setWords] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useAction({
    id: 'filter',
    label: 'Filter the runbooks',
    section: 'This page',
    keys: '/',
    perform: () => box.current?.focus(),
  });
  useRowKeys('runbook');
  const shown = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    return found.items.filter((item) =>
      `${item.name} ${item.runbookId} ${item.purpose}`.toLowerCase().includes(wanted),
    );
  }, [found, words]);
  if (!found.items.length && !found.problems.length) {
    return (
      <EmptyState title="No runbooks yet">
        <p>
          Put a definition (spec/runbook.md) into the folder that <code>templates</code> in settings.json
          names.
        </p>
      </EmptyState>
    );
  }
  return (
    <div className={styles.shelf}>
      <input
        ref={box}
        type="search"
        className={styles.filter}
        aria-label="Filter runbooks"
        placeholder="Filter by name, id or purpose   /"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {shown.length ? (
        <ul className={styles.cards}>
          {shown.map((item) => (
            <Card
              key={item.runbookId}
              item={item}
              runs={recent.filter((run) => run.runbookId === item.runbookId)}
            />
          ))}
        </ul>
      ) : (
        <EmptyState title={`No runbook is like “${words}”`} />
      )}
      {found.problems.length ? (
        <section className={styles.broken} aria-label="Files that are no runbook">
          <h2>Files that are no runbook</h2>
          <ul>
            {found.problems.map((problem, index) => (
              <li key={index}>
                <code>{problem.source}</code> {problem.pointer ? <code>{problem.pointer}</code> : null}{' '}
                {problem.message}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

function Card({
  item,
  runs,
}: {
  readonly item: Template;
  readonly runs: readonly ExecutionSummary[];
}): ReactElement {
  const navigate = useNavigate();
  const run = item.actions.find((action) => action.name === 'execute');
  return (
    <li className={styles.card}>
      <div className={styles.words}>
        <Link
          to="/runbooks/$runbookId"
          params={{ runbookId: item.runbookId }}
          className={styles.name}
          data-row
          onKeyDown={(event) => {
            if (event.key === 'r')
              void navigate({ to: '/runbooks/$runbookId/run', params: { runbookId: item.runbookId } });
          }}
        >
          {item.name}
        </Link>
        <p className={styles.facts}>
          <code>{item.runbookId}</code> · v{item.version} · {item.purpose} · {stepKinds(item)}
        </p>
      </div>
      <RunStrip runs={runs} />
      {run?.enabled === false ? (
        <span className={styles.facts}>{run.reason}</span>
      ) : (
        <Link to="/runbooks/$runbookId/run" params={{ runbookId: item.runbookId }} className={styles.run}>
          Run… <span className="visually-hidden">{item.name}</span>
        </Link>
      )}
    </li>
  );
}
