import type { ReactElement } from 'react';

import type { StepDetail } from '../../api/types.ts';
import { EmptyState } from '../../ui/States.tsx';
import { Duration, Time } from '../../ui/Time.tsx';
import styles from './StepPanel.module.css';

/** Each time that the step was tried: when, how long, and why it failed. */
export function AttemptsTab({ detail }: { readonly detail: StepDetail }): ReactElement {
  if (detail.attempts.length === 0) {
    return (
      <EmptyState title="Not tried">{`The step has not begun${detail.outcome ? ', and will not' : ' yet'}.`}</EmptyState>
    );
  }
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col">Started</th>
          <th scope="col">Took</th>
          <th scope="col">Error</th>
        </tr>
      </thead>
      <tbody>
        {detail.attempts.map((attempt) => (
          <tr key={attempt.attempt}>
            <td className="numbers">{attempt.attempt}</td>
            <td>
              <Time at={attempt.startedAt} />
            </td>
            <td>
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
      </tbody>
    </table>
  );
}
