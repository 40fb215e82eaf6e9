import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, type ReactElement } from 'react';

import { proofQuery } from '../../api/queries.ts';
import { Page } from '../../ui/Page.tsx';
import { ProblemPanel, Skeleton } from '../../ui/States.tsx';
import { TakeAlong } from './TakeAlong.tsx';
import { useFiles, type Files } from './useFiles.ts';
import { useKeys } from './useKeys.ts';
import { useServiceKeys } from './useServiceKeys.ts';
import { VerifyFiles } from './VerifyFiles.tsx';
import { servedVerifiers } from './worker.ts';

const route = getRouteApi('/shell/verify');

/** Verify a proof in this tab: signed in or not, with or without a network. */
export function Verify(): ReactElement {
  const files = useFiles();
  const served = useServed(files);
  const choice = useKeys(files.items, useServiceKeys());
  return (
    <Page
      title="Verify a proof"
      lead="Nothing leaves this tab. It works signed out, and without a network once it is open."
    >
      <VerifyFiles files={files} choice={choice} verifiers={servedVerifiers}>
        {served.isLoading ? <Skeleton rows={1} /> : null}
        {served.isError ? <ProblemPanel error={served.error} retry={() => void served.refetch()} /> : null}
      </VerifyFiles>
      <TakeAlong />
    </Page>
  );
}

/** The proof that the address names, as the service sends it to this person. */
function useServed({ take }: Files): {
  isLoading: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
} {
  const { execution, blocked = false } = route.useSearch();
  const query = useQuery({ ...proofQuery(execution ?? '', blocked), enabled: execution !== undefined });
  const { data } = query;
  useEffect(() => {
    if (data && execution !== undefined) void take(`service ${execution}`, `${execution}.pcq`, data);
  }, [data, execution, take]);
  return query;
}
