import type { ReactElement } from 'react';

import type { StepDetail } from '../../api/types.ts';
import { EmptyState } from '../../ui/States.tsx';
import { numberCell, Table } from '../../ui/Table.tsx';
import { Duration, Time } from '../../ui/Time.tsx';

const COLUMNS = [
  { name: 'Attempt', isNumber: true },
  'Started',
  { name: 'Took', isNumber: true },
  'Error',
] as const;

/** Each time that the step was tried: when, how long, and why it failed. */
export function AttemptsTab({ detail }: { readonly detail: StepDetail }): ReactElement {
  if (detail.attempts.length === 0) {
    return (
      <EmptyState title="Not tried">{`The step has not begun${detail.outcome ? ', and will not' : ' yet'}.`}</EmptyState>
    );
  }
  return (
    <Table label="Attempts" columns={COLUMNS}>
      {detail.attempts.map((attempt) => (
        <tr key={attempt.attempt}>
          <td className={numberCell}>{attempt.attempt}</td>
          <td>
            <Time at={attempt.startedAt} />
          </td>
          <td className={numberCell}>
            {attempt.endedAt || detail.outcome === null ? (
              <Duration from={attempt.startedAt} to={attempt.endedAt} />
            ) : (
              '–'
            )}
          </td>
          <td>
            {attempt.error ? (
              <>
                {attempt.error.message} <code>{attempt.error.code}</code>
              </>
            ) : (
              'none'
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
