import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';

import { executionsQuery, listQuery } from '../../api/queries.ts';
import { useRowKeys } from '../../keys/useRowKeys.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { usePreferences } from '../../ui/preferences.ts';
import { EmptyState, ProblemPanel, Skeleton } from '../../ui/States.tsx';
import { ExecutionGrid } from './ExecutionGrid.tsx';
import { ExecutionTable } from './ExecutionTable.tsx';
import { FilterBar } from './FilterBar.tsx';
import { isFiltered, queryOf, rowsOf, withReach } from './filters.ts';
import { Scrubber } from './Scrubber.tsx';
import styles from './Executions.module.css';

const PAGE = 200;

/** All executions, newest first; what is new never moves what is being read. */
export function Executions(): ReactElement {
  const search = useSearch({ from: '/shell/executions' });
  const navigate = useNavigate();
  const { plainPages } = usePreferences();
  const [reading, setReading] = useState(false);
  const filters = queryOf(search, PAGE);
  const list = useInfiniteQuery(listQuery(filters));
  // What a person waits for is the list: the service is asked for all else behind it.
  const isThere = !list.isPending;
  const newest = useQuery({ ...executionsQuery(filters), enabled: isThere });
  useRowKeys('execution');
  const listed = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { rows, heldBack } = rowsOf(listed, newest.data?.items ?? [], reading);
  const total = newest.data?.total ?? list.data?.pages[0]?.total;
  const more = (): void => {
    if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
  };
  const show = (): void => {
    setReading(false);
    void list.refetch();
  };
  return (
    <Page
      title="Executions"
      lead={
        total
          ? `${total.exact ? '' : 'about '}${total.value.toLocaleString('en')}${isFiltered(search) ? ' that fit' : ' in all'}`
          : ' '
      }
    >
      <FilterBar
        search={search}
        onChange={(change) => void navigate({ to: '/executions', search: change, replace: true })}
      />
      <Scrubber
        search={search}
        isAsked={isThere}
        onReach={(reach) =>
          void navigate({ to: '/executions', search: withReach(search, reach), replace: true })
        }
      />
      {heldBack ? (
        <p className={styles.newer} role="status">
          {heldBack} newer{' '}
          <Button kind="quiet" onClick={show}>
            Show
          </Button>
        </p>
      ) : null}
      {list.isError && !listed.length ? (
        <ProblemPanel error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton rows={12} />
      ) : rows.length === 0 ? (
        <Nothing
          filtered={isFiltered(search)}
          onClear={() => void navigate({ to: '/executions', search: {} })}
        />
      ) : plainPages ? (
        <>
          <ExecutionTable items={rows} />
          {list.hasNextPage ? (
            <Button onClick={more} busy={list.isFetchingNextPage}>
              Older
            </Button>
          ) : null}
        </>
      ) : (
        <ExecutionGrid rows={rows} total={total?.value ?? rows.length} onEnd={more} onReading={setReading} />
      )}
    </Page>
  );
}

function Nothing({
  filtered,
  onClear,
}: {
  readonly filtered: boolean;
  readonly onClear: () => void;
}): ReactElement {
  return filtered ? (
    <EmptyState title="No execution fits these filters">
      <Button onClick={onClear}>Clear the filters</Button>
    </EmptyState>
  ) : (
    <EmptyState title="Nothing has been run yet">
      <p>Choose a runbook and run it: it is listed here from its first moment on.</p>
    </EmptyState>
  );
}
