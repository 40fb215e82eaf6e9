import type { ReactElement } from 'react';

import { CHECKS } from '../../proof/report.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { span } from '../../ui/time.ts';
import { LABELS } from '../../verify/verdict.ts';
import styles from './Running.module.css';
import { LIMITS_MS, type Verification } from './useVerification.ts';

interface Props {
  readonly verification: Verification;
  readonly onCancel: () => void;
  readonly onAgain: (limit: number) => void;
}

/** How far a verification is, or why it has no verdict. */
export function Running({ verification, onCancel, onAgain }: Props): ReactElement | null {
  if (verification.state === 'running') {
    const { progress } = verification;
    const at = progress ? CHECKS.indexOf(progress.check) : 0;
    const part = progress?.total ? progress.done / progress.total : 0;
    return (
      <div className={styles.running}>
        <label className={styles.label}>
          <span>
            {progress ? `Checking: ${LABELS[progress.check].name.toLowerCase()}` : 'Starting the verifier'}
          </span>
          <progress className={styles.bar} value={at + part} max={CHECKS.length} />
        </label>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    );
  }
  if (verification.state === 'failed') {
    return (
      <EmptyState title="Cannot be checked: the verifier itself failed">
        <p>{verification.message}</p>
        <Button onClick={() => onAgain(0)}>Try again</Button>
      </EmptyState>
    );
  }
  if (verification.state !== 'ended') return null;
  const longest = LIMITS_MS.length - 1;
  return verification.why === 'cancelled' ? (
    <EmptyState title="Cancelled: there is no verdict">
      <Button onClick={() => onAgain(0)}>Verify again</Button>
    </EmptyState>
  ) : (
    <EmptyState title="Cannot be checked: it took too long, and was stopped">
      <p>
        A proof holds expressions and policies of strangers, which may be made to take long. Most proofs take
        less than two seconds.
      </p>
      <Button onClick={() => onAgain(longest)}>Give it {span(LIMITS_MS[longest] ?? 0)}</Button>
    </EmptyState>
  );
}
