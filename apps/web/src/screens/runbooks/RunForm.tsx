import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { parametersQuery, templateQuery } from '../../api/queries.ts';
import { Page } from '../../ui/Page.tsx';
import { Region } from '../../ui/Region.tsx';
import { ParameterForm } from './ParameterForm.tsx';

/** Start a runbook: its parameters, and what will happen. */
export function RunForm(): ReactElement {
  const { runbookId } = useParams({ from: '/shell/runbooks/$runbookId/run' });
  const { from } = useSearch({ from: '/shell/runbooks/$runbookId/run' });
  const template = useQuery(templateQuery(runbookId));
  const earlier = useQuery({ ...parametersQuery(from ?? ''), enabled: from !== undefined });
  const ready = from === undefined || earlier.data !== undefined || earlier.isError;
  return (
    <Page
      title={template.data ? `Run: ${template.data.name}` : 'Run'}
      lead={
        template.data ? (
          <>
            <code>{runbookId}</code> v{template.data.version}
            {from ? ` · parameters of ${from}` : ''}
          </>
        ) : null
      }
    >
      <Region query={template}>
        {(found) =>
          ready ? <ParameterForm key={from ?? ''} template={found} earlier={earlier.data ?? {}} /> : null
        }
      </Region>
    </Page>
  );
}
