/** Check `outcomes`: against the proofs and the decisions that were recorded (spec/pcq-v1.md, 6; spec/reviews.md, 6). */

import type { Definition, StepDefinition } from './definition.ts';
import { PHASES, type Manifest, type Outcome, type Phase, type Step } from './manifest.ts';
import { FAULT, finding, type Finding } from './report.ts';
import { isDenied, type Denials, type Standing } from './reviews/denials.ts';
import type { Review, Reviews } from './reviews/review.ts';
import { got } from './shape/shapes.ts';

/** The outcomes of a step that started. */
export const STARTED: readonly Outcome[] = ['done', 'overridden', 'failed', 'blocked'];

// The outcomes that a step may have when a review of this kind was refused. A step that asked for approval may be
// overtaken by the fence before it fails, or be denied by what its preconditions say when they are asked again.
const AFTER_REFUSAL: Readonly<Record<string, readonly Outcome[]>> = {
  denial: ['blocked'],
  approval: ['failed', 'not-run', 'blocked'],
};

type Standings = Readonly<Record<Phase, Standing>>;

/**
 * Findings where an outcome contradicts the proofs, the decisions, the outputs, the dependencies or the others.
 * `tolerant` lets a review be whose subject cannot be computed from what is shown.
 */
export function checkOutcomes(
  manifest: Manifest,
  definition: Definition | null,
  denials: Denials,
  reviews: Reviews,
  tolerant: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const outcomes = new Map(manifest.steps.map((step) => [step.stepId, step.outcome]));
  if (!definition) {
    const message = 'the provers of each step are unknown: the definition is not there';
    findings.push(finding(FAULT.incomplete, 'outcomes', message));
  }
  for (const step of manifest.steps) {
    const standings = {
      preconditions: denials.of(step, 'preconditions'),
      postconditions: denials.of(step, 'postconditions'),
    };
    for (const phase of PHASES) {
      const { doubt } = standings[phase];
      if (doubt && !tolerant)
        findings.push(finding(FAULT.incomplete, `${step.name}, ${phase}`, `overridden? ${doubt}`));
    }
    findings.push(...stepFindings(step, definition?.steps.get(step.stepId), standings));
    if (STARTED.includes(step.outcome) || step.outcome === 'skipped') {
      findings.push(...dependencyFindings(step, manifest.dependsOn.get(step.stepId) ?? [], outcomes));
    }
  }
  const expected = overall(new Set(outcomes.values()));
  if (manifest.header.outcome !== expected) {
    const message = `expected ${expected} from the steps, got ${manifest.header.outcome}`;
    findings.push(finding(FAULT.notReproduced, 'outcome', message));
  }
  return [...findings, ...reviews.all.flatMap((review) => reviewFindings(review, outcomes, expected))];
}

function overall(outcomes: ReadonlySet<Outcome>): string {
  if (outcomes.has('blocked')) return 'blocked';
  if (outcomes.has('failed')) return 'failed';
  if (outcomes.has('not-run')) return 'cancelled';
  return outcomes.has('overridden') ? 'overridden' : 'completed';
}

function reviewFindings(review: Review, outcomes: ReadonlyMap<string, Outcome>, whole: string): Finding[] {
  const findings: Finding[] = [];
  const where = `review ${review.reviewId}`;
  const possible = AFTER_REFUSAL[review.kind];
  const outcome = outcomes.get(review.stepId);
  const isRefused = ['rejected', 'expired', 'closed'].includes(review.state);
  if (isRefused && possible && outcome && !possible.includes(outcome)) {
    const message = `is ${review.state}, so step ${review.stepId} must be ${possible.join(' or ')}, got ${outcome}`;
    findings.push(finding(FAULT.notReproduced, where, message));
  }
  if (review.state === 'closed' && (whole === 'completed' || whole === 'overridden')) {
    findings.push(finding(FAULT.notReproduced, where, `is closed, but the execution is ${whole}`));
  }
  return findings;
}

function stepFindings(step: Step, declared: StepDefinition | undefined, standings: Standings): Finding[] {
  const deniedBefore = isDenied(standings.preconditions);
  const findings = denialFindings(step, standings);
  if (declared) findings.push(...proverFindings(step, declared, deniedBefore));
  for (const name of emptySections(step.outcome, deniedBefore)) {
    if (!step.sections[name].fields.size) continue;
    const message = `expected {} for outcome ${step.outcome}, got members`;
    findings.push(finding(FAULT.notReproduced, `${step.name}, ${name}`, message));
  }
  return findings;
}

function denialFindings(step: Step, standings: Standings): Finding[] {
  const both = [standings.preconditions, standings.postconditions];
  const messages: string[] = [];
  if (step.outcome === 'blocked' && !both.some(isDenied)) {
    const isLifted = both.some((standing) => standing.denials.length && standing.review);
    messages.push(`outcome blocked, but ${isLifted ? 'every denial is lifted' : 'no proof denies'}`);
  }
  if (step.outcome === 'overridden' && !both.some((standing) => standing.denials.length)) {
    messages.push('outcome overridden, but no proof denies');
  }
  for (const standing of both) {
    const proof = standing.denials[0];
    if (!proof) continue;
    if (isDenied(standing) && ['done', 'failed', 'overridden'].includes(step.outcome)) {
      const unlifted = step.outcome === 'done' ? '' : ', and no review lifts it';
      messages.push(
        `outcome ${step.outcome}, but prover ${proof.prover} denies with ${proof.reason}${unlifted}`,
      );
    } else if (!isDenied(standing) && step.outcome === 'done') {
      messages.push(`outcome done, but prover ${proof.prover} denies and was overridden`);
    }
  }
  return messages.map((message) => finding(FAULT.notReproduced, step.name, message));
}

function emptySections(outcome: Outcome, deniedBefore: boolean): ('inputs' | 'outputs')[] {
  if (outcome === 'skipped' || outcome === 'not-run') return ['inputs', 'outputs'];
  return outcome === 'failed' || (outcome === 'blocked' && deniedBefore) ? ['outputs'] : [];
}

function proverFindings(step: Step, declared: StepDefinition, deniedBefore: boolean): Finding[] {
  return PHASES.flatMap((phase) => {
    const expected = isJudged(step.outcome, phase, deniedBefore) ? declared.provers[phase] : [];
    const found = step.proofs[phase].map((proof) => proof.prover);
    if (JSON.stringify(expected) === JSON.stringify(found)) return [];
    const message = `expected the provers ${got(expected)} for outcome ${step.outcome}, got ${got(found)}`;
    return [finding(FAULT.notReproduced, `${step.name}, ${phase}`, message)];
  });
}

function isJudged(outcome: Outcome, phase: Phase, deniedBefore: boolean): boolean {
  if (outcome === 'skipped' || outcome === 'not-run') return false;
  if (phase === 'preconditions') return true;
  return outcome === 'done' || outcome === 'overridden' || (outcome === 'blocked' && !deniedBefore);
}

function dependencyFindings(
  step: Step,
  dependsOn: readonly string[],
  outcomes: ReadonlyMap<string, Outcome>,
): Finding[] {
  return dependsOn.flatMap((name) => {
    const outcome = outcomes.get(name);
    if (outcome === 'done' || outcome === 'skipped' || outcome === 'overridden') return [];
    const message = `outcome ${step.outcome}, but it depends on ${name}, which is ${outcome ?? 'missing'}`;
    return [finding(FAULT.notReproduced, step.name, message)];
  });
}
