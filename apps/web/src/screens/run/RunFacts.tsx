import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { ExecutionStatus } from '../../api/types.ts';
import { HashChip } from '../../ui/HashChip.tsx';
import { executionLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Duration, Time } from '../../ui/Time.tsx';
import { tallyOf } from '../../graph/tally.ts';
import styles from './RunFacts.module.css';

/** Below the name of the run: how it stands, of what, by whom, since when, and the root of its proof. */
export function RunFacts({ status }: { readonly status: ExecutionStatus }): ReactElement {
  const tally = tallyOf(status.steps);
  return (
    <>
      <StatusBadge look={executionLook(status.outcome)} />
      <span className="numbers">
        {tally.done}/{tally.total} done
        {tally.failed ? <> · {tally.failed} failed</> : null}
        {tally.held ? <> · {tally.held} held</> : null}
      </span>
      <span>
        <Duration from={status.startedAt} to={status.endedAt} /> since <Time at={status.startedAt} />
      </span>
      <Link to="/runbooks/$runbookId" params={{ runbookId: status.runbookId }}>
        {status.runbookId} {status.version}
      </Link>
      <span>
        by <span className={styles.strong}>{status.executedBy}</span>
        {status.purpose ? (
          <>
            {' '}
            for <span className={styles.strong}>{status.purpose}</span>
          </>
        ) : null}
      </span>
      <HashChip value={status.executionId} label="execution id" letters={40} />
      {status.merkleRoot ? (
        <span className={styles.named}>
          root <HashChip value={status.merkleRoot} label="Merkle root" />
        </span>
      ) : null}
      <Origin status={status} />
    </>
  );
}

/** Where it comes from: another run of the same, or a step of another execution. */
function Origin({ status }: { readonly status: ExecutionStatus }): ReactElement | null {
  const found = status.parent ?? status.origin;
  if (!found) return null;
  const [words, step] = status.parent
    ? [`begun by step ${status.parent.stepId} of`, status.parent.stepId]
    : [`${status.origin?.as ?? 'run'} of`, undefined];
  return (
    <span>
      {words}{' '}
      <Link
        to="/executions/$executionId"
        params={{ executionId: found.executionId }}
        search={step === undefined ? {} : { step }}
      >
        {found.executionId}
      </Link>
    </span>
  );
}
