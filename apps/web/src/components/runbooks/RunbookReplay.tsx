import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { Problem } from '../../api/problem.ts';
import { executionQuery } from '../../api/queries.ts';
import { ReplayDetail } from '../../screens/replay/ReplayDetail.tsx';
import { ReplayStart } from '../../screens/replay/ReplayStart.tsx';
import { ReplaySteps } from '../../screens/replay/ReplaySteps.tsx';
import { ReplayVerdict } from '../../screens/replay/ReplayVerdict.tsx';
import styles from '../../screens/replay/Replay.module.css';
import { useReplay, type Replayed } from '../../screens/replay/useReplay.ts';
import { useDifferences } from '../../screens/replay/useDifferences.ts';
import { Page } from '../../ui/Page.tsx';
import { Region } from '../../ui/Region.tsx';
import { ProblemPanel, Skeleton } from '../../ui/States.tsx';

/** Runs the record again, without effects, and says whether the same comes out; and if not, where it begins. */
export function RunbookReplay(): ReactElement {
  const { executionId } = useParams({ from: '/shell/executions/$executionId/replay' });
  const status = useQuery(executionQuery(executionId));
  const replay = useReplay(executionId);
  return (
    <Page
      title={`Replay ${executionId}`}
      tab={`Replay ${executionId}`}
      lead={
        <Link to="/executions/$executionId" params={{ executionId }}>
          Back to the run
        </Link>
      }
    >
      <Region query={status}>
        {(execution) => (
          <div className={styles.page}>
            <ReplayStart
              action={execution.actions.find((action) => action.name === 'replay')}
              isRunning={replay.isPending}
              hasRun={replay.data !== undefined}
              onStart={(times) => replay.mutate(times)}
            />
            {replay.isPending ? <Skeleton rows={8} /> : null}
            {replay.isError ? <Refused error={replay.error} /> : null}
            {replay.data && !replay.isPending ? <Result replayed={replay.data} /> : null}
          </div>
        )}
      </Region>
    </Page>
  );
}

function Result({ replayed }: { readonly replayed: Replayed }): ReactElement {
  const { steps, selected, onlyDifferences, choose, showAll } = useDifferences(replayed.report.steps);
  return (
    <>
      <ReplayVerdict replayed={replayed} />
      <div className={styles.sides}>
        <ReplaySteps
          steps={steps}
          total={replayed.report.steps.length}
          selected={selected?.stepId}
          onlyDifferences={onlyDifferences}
          onChoose={choose}
          onShowAll={showAll}
        />
        {selected ? <ReplayDetail key={selected.stepId} step={selected} /> : null}
      </div>
    </>
  );
}

function Refused({ error }: { readonly error: Error }): ReactElement {
  if (!(error instanceof Problem) || error.code !== 'replay.diverged') return <ProblemPanel error={error} />;
  return (
    <section className={styles.band} data-kind="different" role="alert">
      <p className={styles.word}>✕ REFUSED</p>
      <p>The replay left the record: what it worked out cannot have led to what was recorded.</p>
      <p className={styles.soft}>{error.message}</p>
    </section>
  );
}
