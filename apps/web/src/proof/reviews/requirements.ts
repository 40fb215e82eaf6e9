/** What a requirement of a step needs, by the definition and the claims (spec/reviews.md, 1). */

import type { StepDefinition } from '../definition.ts';
import type { JsonObject } from '../json/value.ts';
import type { Documents } from '../materials.ts';
import { COMBINATION_SHAPES } from '../provers/combined-shape.ts';
import { UnavailableError } from '../values.ts';
import { readNeeds, type Needs } from './needs.ts';

const DENIAL_SECONDS = 259_200;
const OTHER_SECONDS = 86_400;

/** The definition asks for no such decision at that step. */
export class RequirementError extends Error {
  override name = 'RequirementError';
}

/** The needs of one requirement; throws RequirementError, and UnavailableError for a document that is missing. */
export function needsOf(stepId: string, requirement: string, documents: Documents): Needs {
  const { definition } = documents;
  if (!definition) throw new UnavailableError('the definition is missing');
  const step = definition.steps.get(stepId);
  if (!step) throw new RequirementError(`the definition has no step ${stepId}`);
  const cut = requirement.indexOf('/');
  const [kind, rest] = cut < 0 ? [requirement, ''] : [requirement.slice(0, cut), requirement.slice(cut + 1)];
  const isPhase = rest === 'preconditions' || rest === 'postconditions';
  if (kind === 'denial' && isPhase && step.provers[rest].length) {
    const own = (step.body['review'] ?? {}) as JsonObject;
    return readNeeds({ ...definition.review, ...own }, DENIAL_SECONDS);
  }
  if (kind === 'four_eyes') return readNeeds(fourEyes(step, rest, documents), OTHER_SECONDS);
  if (requirement === 'approval' && step.kind === 'approval') {
    const { quorum, dueSeconds, risk, assignees } = step.body;
    const stated = Object.entries({ quorum, dueSeconds, risk, assignedTo: assignees });
    const there = stated.filter((member): member is [string, JsonObject[string]] => member[1] !== undefined);
    return readNeeds(Object.fromEntries(there), OTHER_SECONDS);
  }
  throw new RequirementError(`step ${stepId} has no requirement ${JSON.stringify(requirement)}`);
}

function fourEyes(step: StepDefinition, prover: string, documents: Documents): JsonObject {
  if (!documents.provers) throw new UnavailableError('the prover registry is missing');
  const claims = new Map([
    ...Object.entries(documents.provers.preconditions ?? {}),
    ...Object.entries(documents.definition?.provers.preconditions ?? {}),
  ]);
  const claim = claims.get(prover);
  if (claim?.['type'] !== 'four_eyes' || !isReached(prover, step.provers.preconditions, claims)) {
    throw new RequirementError(`step ${step.stepId} has no four_eyes precondition ${JSON.stringify(prover)}`);
  }
  return claim;
}

/** Whether a prover stands among the names or in a combination among them. */
function isReached(
  prover: string,
  names: readonly string[],
  claims: ReadonlyMap<string, JsonObject>,
): boolean {
  const seen = new Set(names);
  for (const name of seen) {
    const claim = claims.get(name);
    if (!claim || !COMBINATION_SHAPES.has(claim['type'] as string)) continue;
    for (const inner of claim['provers'] as string[]) seen.add(inner);
  }
  return seen.has(prover);
}
