import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import type { ReactElement } from 'react';

import type { ExecutionStatus } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/classes.ts';
import { stepLook } from '../../ui/status.ts';
import styles from './RunBanner.module.css';

interface Props {
  readonly status: ExecutionStatus;
  readonly onStep: (stepId: string) => void;
}

/** What keeps the run from going on, or ended it: which step, which prover, why, and where to go with it. */
export function RunBanner({ status, onStep }: Props): ReactElement | null {
  const cause = causeOf(status);
  if (!cause) return null;
  return (
    <div className={classes(styles.banner, styles[cause.tone])}>
      <TriangleAlert size={17} aria-hidden="true" className={styles.icon} />
      <p className={styles.words}>
        <strong>{cause.title}</strong> {cause.text}
      </p>
      <div className={styles.ways}>
        {cause.stepId ? (
          <Button onClick={() => onStep(cause.stepId ?? '')}>Go to {cause.stepId}</Button>
        ) : null}
        {status.openReviews.map((reviewId) => (
          <Link key={reviewId} to="/review/$reviewId" params={{ reviewId }}>
            Review case {reviewId}
          </Link>
        ))}
      </div>
    </div>
  );
}

interface Cause {
  readonly tone: 'warn' | 'bad' | 'calm';
  readonly title: string;
  readonly text: string;
  readonly stepId: string | null;
}

function causeOf(status: ExecutionStatus): Cause | null {
  const { blockedBy, outcome } = status;
  if (blockedBy) {
    const isHeld = outcome === 'held' || status.openReviews.length > 0;
    return {
      tone: isHeld ? 'warn' : 'bad',
      title: `${blockedBy.stepId} ${isHeld ? 'is held' : 'was blocked'} by ${blockedBy.prover}:`,
      text: `${blockedBy.result}, ${blockedBy.reason}.${isHeld ? ' It waits for a decision.' : ''}`,
      stepId: blockedBy.stepId,
    };
  }
  const failed = status.steps.find((step) => stepLook(step).tone === 'bad');
  if (failed) {
    const text = failed.error ? `${failed.error.message} (${failed.error.code})` : 'Its attempts say why.';
    return { tone: 'bad', title: `${failed.stepId} failed:`, text, stepId: failed.stepId };
  }
  if (status.cancelled) {
    return { tone: 'calm', title: 'Cancelled:', text: status.cancelled.reason, stepId: null };
  }
  if (status.openReviews.length) {
    return { tone: 'warn', title: 'It waits for a person.', text: '', stepId: null };
  }
  return null;
}
