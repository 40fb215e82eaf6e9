import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { meQuery, reviewsQuery } from '../../api/queries.ts';
import type { ReviewTicket } from '../../api/types.ts';
import {
  clockText,
  counted,
  fitting,
  lastDecided,
  RISKS,
  SHELVES,
  spokenAt,
  type Filter,
} from '../../screens/review/queue.ts';
import { QueueTable } from '../../screens/review/QueueTable.tsx';
import styles from '../../screens/review/Queue.module.css';
import { stateLook } from '../../screens/review/words.ts';
import { reviewSearch, type ReviewSearch } from '../../search.ts';
import { Page } from '../../ui/Page.tsx';
import { Region } from '../../ui/Region.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { Age } from '../../ui/Time.tsx';
import { useNow } from '../../ui/useNow.ts';

const LABELS = { open: 'Open', waiting: 'Waiting for information', decided: 'Decided', all: 'All' } as const;

/** What waits for a person. Nothing is let through from here: who approves opens the case. */
export function OmbudsReviewQueue(): ReactElement {
  const reviews = useQuery(reviewsQuery);
  return (
    <Page
      title="Review"
      lead={<span>Steps that wait for a person’s decision. Open a case to see its evidence.</span>}
    >
      <Region query={reviews}>{(all) => <Queue all={all} />}</Region>
    </Page>
  );
}

type Change = (next: Readonly<Partial<Record<keyof ReviewSearch, unknown>>>) => void;

function Queue({ all }: { readonly all: readonly ReviewTicket[] }): ReactElement {
  const search = useSearch({ from: '/shell/review' });
  const navigate = useNavigate({ from: '/review' });
  const subject = useQuery(meQuery).data?.subject ?? '';
  const shelf = search.state ?? 'open';
  const filter: Filter = { shelf, risk: search.risk, person: search.mine ? subject : undefined };
  const counts = counted(all, filter);
  const change: Change = (next) =>
    void navigate({ search: (old) => reviewSearch({ ...old, ...next }), replace: true });
  return (
    <>
      <Filters search={search} change={change} />
      <Tabs
        label="State of the cases"
        tabs={SHELVES.map((id) => ({
          id,
          label: (
            <>
              {LABELS[id]} <span className={styles.count}>{counts[id]}</span>
            </>
          ),
        }))}
        selected={shelf}
        onSelect={(id) => change({ state: id === 'open' ? undefined : id })}
      >
        <Clock all={fitting(all, filter)} />
        <QueueTable
          key={JSON.stringify(filter)}
          all={all}
          filter={filter}
          subject={subject}
          empty={<Nothing all={all} search={search} />}
        />
      </Tabs>
    </>
  );
}

/** Time runs out without anybody watching it. */
function Clock({ all }: { readonly all: readonly ReviewTicket[] }): ReactElement | null {
  const text = clockText(all, useNow(true));
  return text ? <p className={styles.clock}>{text}</p> : null;
}

function Filters({
  search,
  change,
}: {
  readonly search: ReviewSearch;
  readonly change: Change;
}): ReactElement {
  return (
    <div className={styles.filters}>
      <label className={styles.choice}>
        <input
          type="checkbox"
          checked={search.mine === true}
          onChange={(event) => change({ mine: event.target.checked || undefined })}
        />
        Mine
        <span className="visually-hidden">: assigned to me, started by me, or with a word of mine</span>
      </label>
      <label className={styles.choice}>
        Risk
        <select
          className={styles.select}
          value={search.risk ?? ''}
          onChange={(event) => change({ risk: event.target.value || undefined })}
        >
          <option value="">any</option>
          {RISKS.map((risk) => (
            <option key={risk}>{risk}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Nothing({
  all,
  search,
}: {
  readonly all: readonly ReviewTicket[];
  readonly search: ReviewSearch;
}): ReactElement {
  const last = lastDecided(all);
  if (search.mine || search.risk)
    return (
      <EmptyState title="No case fits these filters.">
        <Link to="/review" search={search.state ? { state: search.state } : {}}>
          Clear the filters
        </Link>
      </EmptyState>
    );
  const title =
    search.state === 'waiting'
      ? 'Nobody is asked for information.'
      : search.state === 'decided' || search.state === 'all'
        ? 'No case was decided yet.'
        : 'Nothing needs a decision.';
  return (
    <EmptyState title={title}>
      {last ? (
        <p>
          Last one:{' '}
          <Link to="/review/$reviewId" params={{ reviewId: last.reviewId }}>
            {last.reviewId}
          </Link>
          , {stateLook(last).word} <Age at={spokenAt(last)} /> ago
        </p>
      ) : (
        <p>When a prover denies a step, or a runbook asks people, the case stands here.</p>
      )}
    </EmptyState>
  );
}
