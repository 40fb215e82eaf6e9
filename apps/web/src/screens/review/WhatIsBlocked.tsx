import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { ExecutionStatus, ReviewTicket } from '../../api/types.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Region } from '../../ui/Region.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { executionLook } from '../../ui/status.ts';
import { afterApproval, effectOf, type Node } from './blocked.ts';
import styles from './Case.module.css';
import { shelfOf } from './queue.ts';

/** The steps that wait for this one, and what they would do to the world. */
export function WhatIsBlocked({
  review,
  type,
  waiting,
  status,
}: {
  readonly review: ReviewTicket;
  readonly type: string | undefined;
  readonly waiting: readonly Node[] | null;
  readonly status: UseQueryResult<ExecutionStatus>;
}): ReactElement {
  const isDecided = shelfOf(review) === 'decided';
  const effect = type === undefined ? null : effectOf(type);
  const effects = waiting?.filter((node) => effectOf(node.type) !== null).length ?? 0;
  return (
    <Panel title={isDecided ? 'What it blocked' : 'What is blocked'}>
      <Region query={status} rows={3}>
        {(execution) => (
          <>
            <p className={styles.where}>
              The run is <StatusBadge look={executionLook(execution.outcome)} />
            </p>
            {waiting === null ? (
              <p>Which steps come after it cannot be told: this runbook’s version is not installed here.</p>
            ) : (
              <p className={styles.sentence}>
                {waiting.length === 0
                  ? 'No step comes after it.'
                  : `${String(waiting.length)} ${waiting.length === 1 ? 'step waits' : 'steps wait'}; ${String(effects)} of them ${effects === 1 ? 'acts' : 'act'} on the world outside.`}
              </p>
            )}
            <ul className={styles.steps}>
              {effect ? (
                <li>
                  <code>{review.failedStep}</code> <span className={styles.effect}>{effect}</span>
                </li>
              ) : null}
              {waiting?.map((node) => (
                <li key={node.stepId}>
                  <code>{node.stepId}</code>{' '}
                  {effectOf(node.type) ? (
                    <span className={styles.effect}>{effectOf(node.type)}</span>
                  ) : (
                    <span className={styles.soft}>computes only</span>
                  )}
                </li>
              ))}
            </ul>
            {isDecided ? null : (
              <p className={styles.soft}>If approved: {afterApproval(review, type, waiting?.length ?? 0)}</p>
            )}
          </>
        )}
      </Region>
    </Panel>
  );
}
