import { useEffect, useRef, useState, type ReactElement } from 'react';

import type { ReviewTicket } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ReasonField } from '../../ui/ReasonField.tsx';
import { BULK_WORDS, fatesText, splitBy, type BulkName, type Fate } from './bulk.ts';
import styles from './Bulk.module.css';
import { reasonFault } from './decisions.ts';
import { casesText } from './queue.ts';
import { useBulk } from './useBulk.ts';

interface Props {
  readonly name: BulkName;
  readonly reviews: readonly ReviewTicket[];
  /** The ids of those in which it was not said: they stay chosen. */
  readonly onDone: (failed: readonly string[]) => void;
  readonly onClose: () => void;
}

/** The cases, one reason, and what became of each: every one is a decision of its own. */
export function BulkDialog({ name, reviews, onDone, onClose }: Props): ReactElement {
  const words = BULK_WORDS[name];
  // As they were when it was opened: a decision is about what its person saw.
  const [seen] = useState(() => splitBy(reviews, name));
  const { fates, stage, say, stop } = useBulk(name, seen.able);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const fault = reasonFault(reason, false);
  const many = casesText(seen.able.length);
  const confirm = (): void => {
    setTried(true);
    if (fault) field.current?.focus();
    else void say(reason.trim());
  };
  const leave = (): void => {
    if (stage === 'before') onClose();
    else if (stage === 'during') stop();
    else {
      const said = seen.able.filter((review) => fates.get(review.reviewId)?.kind === 'done');
      const done = new Set(said.map((review) => review.reviewId));
      onDone(reviews.map((review) => review.reviewId).filter((id) => !done.has(id)));
    }
  };
  return (
    <Dialog
      title={words.title(many)}
      onClose={leave}
      cancel={{ before: 'Cancel', during: 'Stop', after: 'Close' }[stage]}
      actions={
        stage === 'after' ? null : (
          <Button
            kind={name === 'rejected' ? 'danger' : 'primary'}
            busy={stage === 'during'}
            onClick={confirm}
          >
            {words.confirm(many)}
          </Button>
        )
      }
    >
      <p>{words.follows}</p>
      <ul className={styles.cases} aria-label="Cases">
        {seen.able.map((review) => (
          <Case key={review.reviewId} review={review}>
            {fateText(fates.get(review.reviewId), words.done)}
          </Case>
        ))}
        {seen.unable.map(({ review, why }) => (
          <Case key={review.reviewId} review={review}>
            {`left out: ${why}`}
          </Case>
        ))}
      </ul>
      <p role="status" className={styles.sum}>
        {stage === 'before' ? '' : fatesText(fates, words.done)}
      </p>
      {stage === 'before' ? (
        <ReasonField
          ref={field}
          label={words.label}
          hint="Each is signed on its own and stays in its proof."
          error={tried ? fault : null}
          value={reason}
          onChange={setReason}
        />
      ) : null}
    </Dialog>
  );
}

function Case({
  review,
  children,
}: {
  readonly review: ReviewTicket;
  readonly children: string;
}): ReactElement {
  return (
    <li className={styles.case}>
      <span>
        <strong>{review.runbookId}</strong> {review.failedStep}
        <code>{review.reviewId}</code>
      </span>
      <span className={styles.fate}>{children}</span>
    </li>
  );
}

function fateText(fate: Fate | undefined, done: string): string {
  switch (fate?.kind) {
    case 'done':
      return `✓ ${done}`;
    case 'goes':
      return '▶ goes on';
    case 'failed':
      return `✕ ${fate.why}`;
    default:
      return '';
  }
}
