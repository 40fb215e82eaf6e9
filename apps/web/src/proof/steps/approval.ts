/** `approval`: what people decided (spec/execution.md, 3). */

import { EvaluationError } from '../expressions/errors.ts';
import type { Json } from '../json/value.ts';
import { APPROVAL_STEP } from '../reviews/needs.ts';
import { said } from '../reviews/review.ts';
import { open, text } from '../shape/shapes.ts';
import { expectedInputs, isWanted } from './inputs.ts';
import { NotReproducedError, type Recorded, type StepKind } from './kind.ts';

export const approval: StepKind = {
  shape: open({ question: text() }, APPROVAL_STEP),
  derive,
  failure,
};

function derive({ reviews, step, values }: Recorded): Promise<Json> {
  const subject = reviews.actionSubject(step.stepId, values.inputs(step.stepId));
  const review = reviews.last(step.stepId, 'approval', subject);
  if (review?.state !== 'approved') {
    throw new NotReproducedError(review ? `its review is ${review.state}` : 'nobody approved it');
  }
  const approvals = said(review, ['approved', 'break-glass']).map((item) => ({
    approver: item.statement.approver,
    reason: item.statement.reason,
    approval: item.digest,
  }));
  return Promise.resolve({ decision: review.isBrokenGlass ? 'break-glass' : 'approved', approvals });
}

/** It fails when its review does not approve it, or when its inputs cannot be computed. */
async function failure(recorded: Recorded): Promise<string> {
  const { reviews, step } = recorded;
  let inputs: Json;
  try {
    // A condition that says neither true nor false fails the step as well.
    await isWanted(recorded);
    inputs = await expectedInputs(recorded);
  } catch (error) {
    if (error instanceof EvaluationError) return '';
    throw error;
  }
  const review = reviews.last(step.stepId, 'approval', reviews.actionSubject(step.stepId, inputs));
  if (review?.state === 'rejected' || review?.state === 'expired') return '';
  return review ? `its review is ${review.state}` : 'nobody was asked';
}
