import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';

import { ProblemPanel, Skeleton } from './States.tsx';

/** What a query gives, or why it does not; the last good answer stays while a new one fails. */
export function Region<T>({
  query,
  rows,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}): ReactElement {
  const retry = (): void => void query.refetch();
  if (query.data === undefined) {
    return query.isError ? (
      <ProblemPanel error={query.error} retry={retry} />
    ) : (
      <Skeleton {...(rows ? { rows } : {})} />
    );
  }
  return (
    <>
      {query.isError ? <ProblemPanel error={query.error} retry={retry} /> : null}
      {children(query.data)}
    </>
  );
}
