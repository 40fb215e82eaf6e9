/** Every decision's permission, asked of the policy again (spec/reviews.md, 5.4). */

import type { Engines } from '../engines.ts';
import type { JsonObject } from '../json/value.ts';
import type { Manifest } from '../manifest.ts';
import { FAULT, finding, type Finding } from '../report.ts';
import { got } from '../shape/shapes.ts';
import { UnavailableError } from '../values.ts';
import { BY_PERSON, type Approval } from './approval.ts';
import type { Needs } from './needs.ts';
import { said, type Review, type Reviews } from './review.ts';

const QUERY = 'data.runbooks.reviews.allow';

/** Findings where a person decided what the execution's policy does not let this person decide. */
export function checkPermissions(manifest: Manifest, reviews: Reviews, engines: Engines): Finding[] {
  return reviews.all.flatMap((review) =>
    said(review, BY_PERSON).flatMap((approval) => {
      const decided = asked(approval, review, manifest, engines);
      return decided ? [decided] : [];
    }),
  );
}

function asked(approval: Approval, review: Review, manifest: Manifest, engines: Engines): Finding | null {
  const incomplete = (why: string): Finding =>
    finding(FAULT.incomplete, approval.name, `the policy was not asked: ${why}`);
  if (!review.needs) return incomplete('the needs are not known');
  try {
    const decision = engines.decide(QUERY, question(approval, review, review.needs, manifest));
    if (decision === 'allow') return null;
    const message = `expected the policy to allow it to ${got(approval.statement.approver)}, got ${decision}`;
    return finding(FAULT.notReproduced, approval.name, message);
  } catch (error) {
    if (error instanceof UnavailableError) return incomplete(error.message);
    throw error;
  }
}

function question(
  approval: Approval,
  review: Review,
  needs: Needs,
  { context, header }: Manifest,
): JsonObject {
  const { approver, decision, issuedAt } = approval.statement;
  return {
    subject: { type: 'person', id: approver },
    action: { name: decision },
    resource: {
      type: 'review',
      properties: {
        requirement: review.kind,
        risk: needs.risk,
        requester: header.executedBy,
        assignedTo: [...needs.assignedTo],
        groups: [...needs.groups],
      },
    },
    context: {
      now: issuedAt,
      purpose: context.purpose,
      runbook: context.runbookId,
      version: context.version,
      step: review.stepId,
    },
  };
}
