import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { ReviewTicket } from '../../api/types.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Age, Time, Until } from '../../ui/Time.tsx';
import { useNow } from '../../ui/useNow.ts';
import { approvals, isSame, shelfOf, spokenAt } from './queue.ts';
import styles from './Queue.module.css';
import { reviewWords, riskLook, stateLook } from './words.ts';

/** One case: its link opens it, and Space on the link chooses it as its box does. */
export function QueueRow({
  review,
  subject,
  isCurrent,
  onFocus,
  isChosen,
  onChoose,
}: {
  readonly review: ReviewTicket;
  readonly subject: string;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
  readonly isChosen: boolean;
  /** Undefined where there is nothing to choose cases for. */
  readonly onChoose: (() => void) | undefined;
}): ReactElement {
  const now = useNow(false);
  const isDecided = shelfOf(review) === 'decided';
  return (
    <tr className={styles.row} data-decided={isDecided || undefined}>
      {onChoose ? (
        <td className={styles.choose}>
          <input
            type="checkbox"
            className={styles.box}
            aria-label={`Choose ${review.reviewId}`}
            checked={isChosen}
            onChange={onChoose}
          />
        </td>
      ) : null}
      <th scope="row" className={styles.name}>
        <Link
          to="/review/$reviewId"
          params={{ reviewId: review.reviewId }}
          className={styles.case}
          data-case=""
          tabIndex={isCurrent ? 0 : -1}
          onFocus={onFocus}
        >
          {review.runbookId}
        </Link>
        <span className={styles.sub}>{review.executionId}</span>
      </th>
      <td className={styles.step}>{review.failedStep}</td>
      <td className={styles.why}>
        <code className={styles.prover}>{review.failedProver ?? review.requirement}</code>
        <span className={styles.reason} title={reviewWords(review)}>
          {reviewWords(review)}
        </span>
      </td>
      <td className={styles.who}>
        {review.requester}
        {isSame(review.requester, subject) ? <span className={styles.own}>you started it</span> : null}
      </td>
      <td className={styles.risk}>
        <StatusBadge look={riskLook(review.risk)} />
      </td>
      <td className={styles.time} data-label="Age">
        <Age at={review.openedAt} />
      </td>
      <td className={styles.time} data-label={isDecided ? 'Decided' : 'Due'}>
        {isDecided ? <Time at={spokenAt(review)} /> : <Until at={review.dueAt} />}
      </td>
      <td className={styles.quorum}>
        {isDecided ? (
          <StatusBadge look={stateLook(review)} />
        ) : (
          <span className="numbers">
            {approvals(review, now)} of {review.quorum}
          </span>
        )}
        {review.state === 'info-requested' ? <StatusBadge look={stateLook(review)} /> : null}
      </td>
    </tr>
  );
}
