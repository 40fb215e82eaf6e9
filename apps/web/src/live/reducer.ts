/** What an event changes in what is shown of an execution. Pure: a view that has seen all events equals a new look. */

import type { ExecutionStatus, Outcome, StepStatus } from '../api/types.ts';

/** The data of an event, as the service tells it. */
export interface Happening {
  readonly executionId: string;
  readonly at: string | null;
  readonly outcome: Outcome;
  readonly step: Pick<StepStatus, 'stepId' | 'state' | 'outcome'> | null;
  readonly openReviews: readonly string[];
}

export function applied(status: ExecutionStatus, happened: readonly Happening[]): ExecutionStatus {
  const own = happened.filter((item) => item.executionId === status.executionId);
  const last = own.at(-1);
  if (!last) return status;
  const changed = new Map(own.flatMap((item) => (item.step ? [[item.step.stepId, item.step] as const] : [])));
  return {
    ...status,
    outcome: last.outcome,
    openReviews: last.openReviews,
    steps: status.steps.map((step) => {
      const now = changed.get(step.stepId);
      return now ? { ...step, state: now.state, outcome: now.outcome } : step;
    }),
  };
}
