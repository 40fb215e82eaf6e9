import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { Problem } from '../../api/problem.ts';
import { auditPages } from '../../api/screen-queries.ts';
import { isFiltered } from '../../audit/filters.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { EmptyState, ProblemPanel, Skeleton } from '../../ui/States.tsx';
import styles from './Audit.module.css';
import { AuditFilters } from './AuditFilters.tsx';
import { AuditTable } from './AuditTable.tsx';
import { Export } from './Export.tsx';

const route = getRouteApi('/shell/audit');

/** Who asked for what change, and what became of it; refused ones too. */
export function Audit(): ReactElement {
  const search = route.useSearch();
  const pages = useInfiniteQuery(auditPages(search));
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  if (pages.error instanceof Problem && pages.error.status === 403) return <Forbidden />;
  return (
    <Page
      title="Audit"
      lead="Every request for a change, done or refused: the newest first. Records are chained, and are never changed."
      actions={<Export search={search} />}
    >
      <div className={styles.stack}>
        <AuditFilters key={JSON.stringify(search)} search={search} />
        {pages.isError ? <ProblemPanel error={pages.error} retry={() => void pages.refetch()} /> : null}
        {pages.isPending && !pages.isError ? <Skeleton rows={10} /> : null}
        {items.length ? <AuditTable items={items} /> : null}
        {pages.isSuccess && !items.length && !pages.hasNextPage ? (
          <EmptyState title={isFiltered(search) ? 'No record fits' : 'Nothing was asked for yet'}>
            <p>
              {isFiltered(search)
                ? 'Take a filter away. Names are compared as a whole.'
                : 'Starting, cancelling and deciding leave a record here; reading does not.'}
            </p>
          </EmptyState>
        ) : null}
        {pages.isSuccess ? (
          <div className={styles.more}>
            {pages.hasNextPage ? (
              <Button onClick={() => void pages.fetchNextPage()} busy={pages.isFetchingNextPage}>
                Older
              </Button>
            ) : null}
            <span role="status">
              {items.length} {items.length === 1 ? 'record' : 'records'}
              {pages.hasNextPage ? ' so far' : ', and no older one'}
            </span>
          </div>
        ) : null}
      </div>
    </Page>
  );
}

function Forbidden(): ReactElement {
  return (
    <Page title="Audit">
      <EmptyState title="The audit trail is for auditors and admins">
        <p>
          Reading it needs the right <code>audit.read</code>, which the roles <strong>auditor</strong> and{' '}
          <strong>admin</strong> have. Whoever gives out the tokens of this service gives out roles.
        </p>
      </EmptyState>
    </Page>
  );
}
