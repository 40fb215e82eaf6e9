/** Reviews put together from their statements, and the state that each of them reached (spec/reviews.md, 4). */

import { digestOf } from '../encoding.ts';
import type { Json } from '../json/value.ts';
import type { Manifest, Phase, Proof } from '../manifest.ts';
import type { Documents } from '../materials.ts';
import { FAULT, type Fault } from '../report.ts';
import { UnavailableError } from '../values.ts';
import type { Approval } from './approval.ts';
import { person, type Needs } from './needs.ts';
import { needsOf, RequirementError } from './requirements.ts';

/** `unknown`: nobody knows what it needs; `broken`: a statement came that may not come. */
export type State =
  'none' | 'open' | 'info-requested' | 'approved' | 'rejected' | 'expired' | 'closed' | 'unknown' | 'broken';

const NEXT: Readonly<Record<string, State>> = {
  'none opened': 'open',
  'open approved': 'open',
  'open info-requested': 'info-requested',
  'info-requested info-given': 'open',
  'open break-glass': 'approved',
  'info-requested break-glass': 'approved',
  'open rejected': 'rejected',
  'info-requested rejected': 'rejected',
  'open expired': 'expired',
  'info-requested expired': 'expired',
  'open closed': 'closed',
  'info-requested closed': 'closed',
};

/** All statements of one `reviewId`, in the order of the file, in the last state whatever else is wrong with it. */
export interface Review {
  readonly statements: readonly [Approval, ...Approval[]];
  readonly reviewId: string;
  readonly stepId: string;
  readonly requirement: string;
  readonly kind: string;
  readonly subject: string;
  readonly needs: Needs | null;
  readonly problem: { readonly fault: Fault; readonly message: string } | null;
  readonly state: State;
  readonly refused: Approval | null;
  readonly isBrokenGlass: boolean;
}

/** Its statements with these decisions, in order. */
export function said(review: Review, decisions: readonly string[]): Approval[] {
  return review.statements.filter((approval) => decisions.includes(approval.statement.decision));
}

/** The reviews of a manifest, in the order in which they were opened. */
export class Reviews {
  readonly all: readonly Review[];
  private readonly contextHash: string;
  private readonly byPlace: ReadonlyMap<string, Review[]>;

  constructor(all: readonly Review[], contextHash: string) {
    this.all = all;
    this.contextHash = contextHash;
    this.byPlace = Map.groupBy(all, (review) => `${review.stepId} ${review.requirement}`);
  }

  /** Those of one requirement of one step. */
  of(stepId: string, requirement: string): readonly Review[] {
    // An identifier has no blank, so the two names cannot run into each other.
    return this.byPlace.get(`${stepId} ${requirement}`) ?? [];
  }

  /** The one with this subject that was opened last. */
  last(stepId: string, requirement: string, subject: string): Review | undefined {
    return this.of(stepId, requirement).findLast((review) => review.subject === subject);
  }

  /** The subject of `four_eyes` and `approval` reviews (spec/reviews.md, 2). */
  actionSubject(stepId: string, inputs: Json): string {
    return digestOf(['pcq-action-v1', this.contextHash, stepId, digestOf(inputs)]);
  }

  /** The subject of `denial/<phase>` reviews; `denials` are the proofs of that phase that deny. */
  denialSubject(stepId: string, phase: Phase, inputs: Json, denials: readonly Proof[]): string {
    const proofs = denials as unknown as Json[];
    return digestOf(['pcq-denial-v1', this.contextHash, stepId, phase, digestOf(inputs), proofs]);
  }
}

/** The reviews that the statements of a manifest make, each as far as it came. */
export function readReviews(manifest: Manifest, documents: Documents): Reviews {
  const grouped = Map.groupBy(manifest.approvals, (approval) => approval.statement.reviewId);
  const reviews = [...grouped.values()].map((found) => read(found as [Approval, ...Approval[]], documents));
  return new Reviews(reviews, manifest.header.contextHash);
}

function read(statements: [Approval, ...Approval[]], documents: Documents): Review {
  const { requirementId: requirement, reviewId, stepId, subject } = statements[0].statement;
  const [needs, problem] = needsOrProblem(stepId, requirement, documents);
  const [state, refused] = followed(statements, needs?.quorum ?? null);
  return {
    statements,
    reviewId,
    stepId,
    requirement,
    kind: requirement.split('/', 1)[0] as string,
    subject,
    needs,
    problem,
    state,
    refused,
    isBrokenGlass: state === 'approved' && statements.at(-1)?.statement.decision === 'break-glass',
  };
}

function needsOrProblem(
  stepId: string,
  requirement: string,
  documents: Documents,
): [Needs | null, Review['problem']] {
  try {
    return [needsOf(stepId, requirement, documents), null];
  } catch (error) {
    if (error instanceof RequirementError) return [null, { fault: FAULT.invalid, message: error.message }];
    if (!(error instanceof UnavailableError)) throw error;
    return [null, { fault: FAULT.incomplete, message: `what it needs is not known: ${error.message}` }];
  }
}

function followed(statements: readonly Approval[], quorum: number | null): [State, Approval | null] {
  let state: State = 'none';
  let inForce: Approval[] = [];
  for (const approval of statements) {
    const { decision } = approval.statement;
    const next: State | undefined = NEXT[`${state} ${decision}`];
    if (next === undefined) return ['broken', approval];
    state = next;
    if (decision !== 'approved') continue;
    if (quorum === null) return ['unknown', null];
    inForce = counted([...inForce, approval]);
    if (inForce.length >= quorum) state = 'approved';
  }
  return [state, null];
}

/** Those that are in force when the last of them comes, of distinct persons and keys. */
function counted(approvals: readonly Approval[]): Approval[] {
  const newest = approvals.at(-1);
  const kept: Approval[] = [];
  for (const approval of approvals) {
    if (newest && (approval.expires ?? 0n) <= newest.issued) continue;
    const who = person(approval.statement.approver);
    const isKnown = kept.some(
      (other) => other.keyid === approval.keyid || person(other.statement.approver) === who,
    );
    if (!isKnown) kept.push(approval);
  }
  return kept;
}
