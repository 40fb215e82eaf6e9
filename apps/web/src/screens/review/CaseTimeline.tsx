import type { ReactElement } from 'react';

import type { ReviewTicket } from '../../api/types.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import styles from './Case.module.css';
import { decisionLook } from './words.ts';

/** Every word said in the case, oldest first; each is a signed statement and none is ever changed. */
export function CaseTimeline({ review }: { readonly review: ReviewTicket }): ReactElement {
  return (
    <ol className={styles.timeline}>
      {review.statements.map((said, index) => (
        <li key={index}>
          <div className={styles.line}>
            <StatusBadge look={decisionLook(said.decision)} />
            <strong>{said.approver}</strong>
            <span className={styles.soft}>
              <Time at={said.issuedAt} />
            </span>
          </div>
          <p className={styles.said}>{said.reason}</p>
          {said.expiresAt && said.decision === 'approved' ? (
            <p className={styles.soft}>
              holds until <Time at={said.expiresAt} />
            </p>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
