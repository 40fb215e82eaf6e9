/** `four_eyes`: nobody does this alone; the verdict follows from how the review ended (spec/provers.md, 15). */

import { FOUR_EYES } from '../reviews/needs.ts';
import { said, type Review } from '../reviews/review.ts';
import { UnavailableError } from '../values.ts';
import { claimOf, judgement, type Judgement, type Prover } from './prover.ts';

const TOLD = ['approved', 'rejected', 'expired', 'closed', 'break-glass'];

export const fourEyes: Prover = {
  phase: 'preconditions',
  claim: claimOf({}, FOUR_EYES),
  judge(claim, scope) {
    const { stepId } = scope.step;
    const subject = scope.reviews.actionSubject(stepId, scope.values.inputs(stepId));
    const review = scope.reviews.last(stepId, `four_eyes/${scope.prover}`, subject);
    const approvals = (review ? said(review, TOLD) : []).map((item) => ({
      approver: item.statement.approver,
      decision: item.statement.decision,
      approval: item.digest,
    }));
    const quorum = (claim['quorum'] ?? 1) as number;
    const [result, reason] = verdict(review);
    return judgement(result, `four_eyes.${reason}`, { subject, quorum, approvals });
  },
};

function verdict(review: Review | undefined): [Judgement['result'], string] {
  switch (review?.state) {
    case undefined:
    case 'closed':
      return ['fail', 'not_approved'];
    case 'approved':
      return ['pass', review?.isBrokenGlass ? 'break_glass' : 'approved'];
    case 'rejected':
    case 'expired':
      return ['fail', review?.state];
    default:
      // Check `approvals` has refused every other state, unless a document is missing.
      throw new UnavailableError(`review ${review?.reviewId} has no known end`);
  }
}
