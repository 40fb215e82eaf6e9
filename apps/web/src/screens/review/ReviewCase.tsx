import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { executionQuery, reviewQuery } from '../../api/queries.ts';
import type { ReviewTicket } from '../../api/types.ts';
import { Page } from '../../ui/Page.tsx';
import { Region } from '../../ui/Region.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Age, Until } from '../../ui/Time.tsx';
import { downstream } from './blocked.ts';
import { CaseActions } from './CaseActions.tsx';
import { CaseTabs } from './CaseTabs.tsx';
import { shelfOf } from './queue.ts';
import styles from './Case.module.css';
import { useBlockProof } from './useBlockProof.ts';
import { WhatFailed } from './WhatFailed.tsx';
import { WhatIsBlocked } from './WhatIsBlocked.tsx';
import { riskLook, stateLook } from './words.ts';

/** One case: what failed, what waits for it, whether the evidence is sound, and what can be said. */
export function ReviewCase(): ReactElement {
  const { reviewId } = useParams({ from: '/shell/review/$reviewId' });
  const found = useQuery(reviewQuery(reviewId));
  const review = found.data?.review;
  return (
    <Page
      title={review ? `${review.runbookId}: ${review.failedStep}` : 'Review'}
      tab={`Review ${reviewId}`}
      lead={review ? <Lead review={review} /> : null}
    >
      <Region query={found}>{({ review: one, etag }) => <Case review={one} etag={etag} />}</Region>
    </Page>
  );
}

function Lead({ review }: { readonly review: ReviewTicket }): ReactElement {
  const isDecided = shelfOf(review) === 'decided';
  return (
    <>
      <StatusBadge look={stateLook(review)} />
      <StatusBadge look={{ ...riskLook(review.risk), word: `${review.risk} risk` }} />
      <span>{review.reviewId}</span>
      <span>
        run{' '}
        <Link to="/executions/$executionId" params={{ executionId: review.executionId }}>
          {review.executionId}
        </Link>{' '}
        by {review.requester}
      </span>
      <span>
        opened <Age at={review.openedAt} /> ago
      </span>
      {isDecided ? null : (
        <span>
          due <Until at={review.dueAt} />
        </span>
      )}
    </>
  );
}

function Case({ review, etag }: { readonly review: ReviewTicket; readonly etag: string }): ReactElement {
  const status = useQuery(executionQuery(review.executionId));
  const proof = useBlockProof(status.data);
  const steps = status.data?.steps;
  const waiting = steps ? downstream(steps, review.failedStep) : null;
  const type = steps?.find((step) => step.stepId === review.failedStep)?.type;
  return (
    <div className={styles.case}>
      <div className={styles.sides}>
        <WhatFailed review={review} />
        <WhatIsBlocked review={review} type={type} waiting={waiting} status={status} />
      </div>
      <CaseActions review={review} etag={etag} proof={proof} type={type} waiting={waiting?.length ?? 0} />
      <CaseTabs review={review} proof={proof} />
    </div>
  );
}
