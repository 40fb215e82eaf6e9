import type { ReactElement } from 'react';

import type { ReviewTicket } from '../../api/types.ts';
import { useNow } from '../../ui/useNow.ts';
import { afterApproval } from './blocked.ts';
import type { Saying } from './decisions.ts';
import { approvals } from './queue.ts';
import styles from './Case.module.css';
import { isDenial, reviewWords } from './words.ts';

/** What will happen, before it does. */
export function Consequences({
  saying,
  review,
  type,
  waiting,
}: {
  readonly saying: Saying;
  readonly review: ReviewTicket;
  readonly type: string | undefined;
  readonly waiting: number;
}): ReactElement {
  const now = useNow(false);
  const given = approvals(review, now);
  const isLast = given + 1 >= review.quorum;
  const lines: Readonly<Record<string, readonly string[]>> = {
    approved: [
      isDenial(review)
        ? `You accept ${review.failedStep} although ${review.failedProver ?? 'a prover'} denies it. ${reviewWords(review)}.`
        : `You let ${review.failedStep} go on.`,
      isLast
        ? afterApproval(review, type, waiting)
        : 'Nothing goes on yet: the next approver is asked after you.',
      ...(review.quorum > 1
        ? [
            `Second approver needed: yours is ${String(given + 1)} of ${String(review.quorum)}, each by another person.`,
          ]
        : []),
    ],
    rejected: [
      `${review.failedStep} is blocked for good, ${waiting === 1 ? '1 step' : `${String(waiting)} steps`} after it never run, and the run ends.`,
    ],
    'info-requested': [
      `The case waits for an answer from ${review.requester} or anybody who can read it. Nobody approves until then; its time goes on.`,
    ],
    'info-given': ['Your answer is signed by the installation in your name, and the case is open again.'],
    'break-glass': [
      'This overrides without the people it is assigned to, and without a quorum. It is an alarm, and stays one in the proof.',
      afterApproval(review, type, waiting),
    ],
  };
  return (
    <ul className={styles.consequences}>
      {(lines[saying.name] ?? []).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
