import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';

import type { LogLine } from '../../../api/types.ts';
import { logQuery } from '../../../api/screen-queries.ts';
import type { ExecutionStatus } from '../../../api/types.ts';
import { Region } from '../../../ui/Region.tsx';
import { EmptyState } from '../../../ui/States.tsx';
import { Button } from '../../../ui/Button.tsx';
import { useRunAddress } from '../useRunAddress.ts';
import { hitsOf, nextHit, shownOf } from './lines.ts';
import { LogLines } from './LogLines.tsx';
import { LogTools } from './LogTools.tsx';
import styles from './Log.module.css';

interface Props {
  readonly status: ExecutionStatus;
  /** The lines of this step only. */
  readonly stepId?: string;
}

/** What happened, line by line, of a step or of the whole run. */
export function LogPanel({ status, stepId }: Props): ReactElement {
  const query = useQuery(logQuery(status.executionId, stepId));
  return (
    <Region query={query} rows={8}>
      {(lines) => <Log status={status} lines={lines} stepId={stepId} />}
    </Region>
  );
}

interface LogProps {
  readonly status: ExecutionStatus;
  readonly lines: readonly LogLine[];
  readonly stepId: string | undefined;
}

function Log({ status, lines, stepId }: LogProps): ReactElement {
  const { search, change } = useRunAddress();
  const isLive = !status.endedAt;
  // Who came for one line is not taken away from it.
  const [follows, setFollows] = useState(isLive && search.line === undefined);
  const letters = search.q ?? '';
  const shown = shownOf(lines, search.errors === true);
  const hits = hitsOf(shown, letters);
  const found = search.line === undefined ? -1 : shown.findIndex((line) => line.seq === search.line);
  const at = found < 0 ? null : found;
  const goTo = (place: number | null): void => {
    const line = place === null ? undefined : shown[place];
    if (!line) return;
    setFollows(false);
    change({ line: line.seq });
  };
  return (
    <div className={styles.log}>
      <LogTools
        name={stepId === undefined ? status.executionId : `${status.executionId}-${stepId}`}
        // One of two logs on a page has the keys: that of the whole run.
        hasKeys={stepId === undefined || search.view !== 'log'}
        shown={shown}
        errors={lines.filter((line) => line.level === 'error').length}
        hits={hits}
        at={at}
        follows={isLive ? follows : undefined}
        onFollow={setFollows}
        onHit={(direction) => goTo(nextHit(hits, at, direction))}
      />
      {shown.length ? (
        <LogLines
          label={stepId === undefined ? 'Log of the run' : `Log of ${stepId}`}
          lines={shown}
          letters={letters}
          withStep={stepId === undefined}
          at={at}
          end={isLive && follows}
          onLeave={() => setFollows(false)}
          onLine={(seq) => change({ line: seq === search.line ? undefined : seq })}
        />
      ) : (
        <Nothing isFiltered={lines.length > 0} onClear={() => change({ errors: undefined })} />
      )}
    </div>
  );
}

function Nothing({
  isFiltered,
  onClear,
}: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}): ReactElement {
  return isFiltered ? (
    <EmptyState title="No line is an error">
      <Button onClick={onClear}>Show all lines</Button>
    </EmptyState>
  ) : (
    <EmptyState title="Nothing has happened here yet">Lines come as the step begins.</EmptyState>
  );
}
