/**
 * What a file proves about how its execution ended, and what people decided in it, in words (spec/pcq-v1.md, 9).
 *
 * Reasons are strangers' words: they stand in quotes, in which a quote is escaped, so that none can pass for a report's.
 */

import { PHASES, type Manifest, type Step } from '../manifest.ts';
import type { Approval } from './approval.ts';
import { isDenied, type Denials, type Standing } from './denials.ts';
import { said, type Review, type Reviews } from './review.ts';

/** How an execution that is not completed ended, by which prover at which step; empty when it is completed. */
export function ending(manifest: Manifest, denials: Denials, reviews: Reviews): string {
  const { outcome } = manifest.header;
  if (outcome === 'overridden') return `went on by override: ${overrides(manifest, denials).join('; ')}`;
  if (outcome === 'blocked') {
    const blocked = standings(manifest, denials).find(([, standing]) => isDenied(standing));
    if (blocked) return blockedBy(...blocked, reviews);
  }
  const failed = manifest.steps.find((step) => step.outcome === 'failed');
  if (outcome === 'failed' && failed) {
    const error = failed.observed.attempts.findLast((attempt) => attempt.error)?.error;
    return `failed at step ${failed.stepId}${error ? ` (${error.code}: ${error.message})` : ''}`;
  }
  return outcome === 'completed' ? '' : 'was cancelled before every step had run';
}

/** One sentence for each override that `ending` does not tell, and for each review that lifted no denial. */
export function decisions(manifest: Manifest, denials: Denials, reviews: Reviews): string[] {
  const told =
    manifest.header.outcome === 'overridden'
      ? []
      : overrides(manifest, denials).map((override) => `Override: ${override}`);
  const lifting = new Set(standings(manifest, denials).map(([, standing]) => standing.review?.reviewId));
  for (const review of reviews.all) {
    if (lifting.has(review.reviewId)) continue;
    const isVoid = review.kind === 'denial' && review.state === 'approved';
    const where = `Review of ${review.requirement} at step ${review.stepId}`;
    told.push(`${where}: ${isVoid ? 'void, ' : ''}${end(review)}`);
  }
  return told;
}

function blockedBy(step: Step, standing: Standing, reviews: Reviews): string {
  const proof = standing.denials[0];
  const refusing = PHASES.flatMap((phase) => reviews.of(step.stepId, `denial/${phase}`)).filter(
    (review) => review.state !== 'approved',
  );
  const verdict = `(${proof?.result}, ${proof?.reason})`;
  const refused = refusing.map((review) => `; ${end(review)}`).join('');
  return `was blocked by prover ${proof?.prover} at step ${step.stepId} ${verdict}${refused}`;
}

function standings(manifest: Manifest, denials: Denials): [Step, Standing][] {
  return manifest.steps.flatMap((step) =>
    PHASES.map((phase): [Step, Standing] => [step, denials.of(step, phase)]),
  );
}

function overrides(manifest: Manifest, denials: Denials): string[] {
  return standings(manifest, denials).flatMap(([step, standing]) => {
    if (!standing.review) return [];
    const verdicts = standing.denials.map(
      (proof) => `prover ${proof.prover} says ${proof.result} (${proof.reason})`,
    );
    return [`at step ${step.stepId} ${verdicts.join(' and ')}; ${end(standing.review)}`];
  });
}

/** Who ended it and why; of a quorum everybody. */
function end(review: Review): string {
  const last = review.statements.at(-1) as Approval;
  if (review.state === 'approved') {
    const by = said(review, ['approved']).map(who);
    const approved = by.length ? `approved by ${by.join(' and by ')}` : '';
    if (!review.isBrokenGlass) return approved;
    return `BREAK-GLASS by ${who(last)}${approved && `, ${approved}`}`;
  }
  if (review.state === 'rejected') return `rejected by ${who(last)}`;
  return `${review.state}: ${JSON.stringify(last.statement.reason)}`;
}

function who({ statement }: Approval): string {
  return `${statement.approver}: ${JSON.stringify(statement.reason)}`;
}
