import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { executionQuery } from '../../api/queries.ts';
import { RunActions } from '../../screens/run/RunActions.tsx';
import { RunFacts } from '../../screens/run/RunFacts.tsx';
import { RunView } from '../../screens/run/RunView.tsx';
import { Page } from '../../ui/Page.tsx';
import { Region } from '../../ui/Region.tsx';
import { executionLook } from '../../ui/status.ts';

/** One execution: where each of its steps stands, live, what went in and came out, and what is proved of it. */
export function RunbookConsole(): ReactElement {
  const { executionId } = useParams({ from: '/shell/executions/$executionId' });
  const query = useQuery(executionQuery(executionId));
  const status = query.data;
  return (
    <Page
      key={executionId}
      title={status ? status.name : executionId}
      tab={status ? `${executionLook(status.outcome).word} · ${executionId}` : executionId}
      lead={status ? <RunFacts status={status} /> : null}
      actions={status ? <RunActions status={status} /> : null}
    >
      <Region query={query} rows={12}>
        {(found) => <RunView status={found} />}
      </Region>
    </Page>
  );
}
