/** Proofs that deny, and which of them a review lifted (spec/pcq-v1.md, 6; spec/reviews.md, 2 and 6). */

import { StrictJsonError } from '../json/strict.ts';
import type { Phase, Proof, Step } from '../manifest.ts';
import { UnavailableError, type Values } from '../values.ts';
import type { Review, Reviews } from './review.ts';

/** True when this proof keeps its step from being `done`. */
export function denies(proof: Proof): boolean {
  return proof.severity === 'block' && (proof.result === 'fail' || proof.result === 'error');
}

/**
 * The denials of one phase of one step, and the review that lifts them. `doubt` says why their subject could not be
 * computed: then the review is taken for theirs, unless they ended the step.
 */
export interface Standing {
  readonly denials: readonly Proof[];
  readonly review: Review | null;
  readonly doubt: string;
}

/** True when a denial stands. */
export function isDenied(standing: Standing): boolean {
  return standing.denials.length > 0 && standing.review === null;
}

export class Denials {
  private readonly values: Values;
  private readonly reviews: Reviews;

  constructor(values: Values, reviews: Reviews) {
    this.values = values;
    this.reviews = reviews;
  }

  /** What denies in one phase of a step, and whether it is lifted. */
  of(step: Step, phase: Phase): Standing {
    const denials = step.proofs[phase].filter(denies);
    const given = denials.length ? this.reviews.of(step.stepId, `denial/${phase}`) : [];
    const approved = given.filter((review) => review.state === 'approved');
    const newest = approved.at(-1);
    if (!newest) {
      const unknown = given.find((review) => review.state === 'unknown');
      if (!unknown) return { denials, review: null, doubt: '' };
      return inDoubt(step, phase, denials, unknown, 'what its review needs is not known');
    }
    try {
      const subject = this.subject(step, phase, denials);
      return { denials, review: approved.find((review) => review.subject === subject) ?? null, doubt: '' };
    } catch (error) {
      if (error instanceof UnavailableError) return inDoubt(step, phase, denials, newest, error.message);
      if (!(error instanceof StrictJsonError)) throw error;
      return inDoubt(step, phase, denials, newest, `detached inputs are no strict JSON: ${error.message}`);
    }
  }

  private subject(step: Step, phase: Phase, denials: readonly Proof[]): string {
    const hidden = denials.find((proof) => '$redacted' in proof.evidence);
    if (hidden) throw new UnavailableError(`the evidence of ${hidden.prover} is redacted`);
    return this.reviews.denialSubject(step.stepId, phase, this.values.inputs(step.stepId), denials);
  }
}

function inDoubt(step: Step, phase: Phase, denials: readonly Proof[], review: Review, why: string): Standing {
  // A blocked step ended in its postconditions when one of them denies, and else in its preconditions.
  const endedHere = phase === 'postconditions' || !step.proofs.postconditions.some(denies);
  return { denials, review: step.outcome === 'blocked' && endedHere ? null : review, doubt: why };
}
