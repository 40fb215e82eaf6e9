/** `citations`: every claim points at enough distinct recorded sources (spec/provers.md, 5). */

import { digestOf } from '../encoding.ts';
import { follow } from '../json/pointer.ts';
import { isObject, type Json } from '../json/value.ts';
import { integer } from '../shape/shapes.ts';
import { claimOf, judgement, type Prover, type Scope } from './prover.ts';

interface Citation {
  readonly stepId: string;
  readonly pointer: string;
  readonly sourceId?: string;
}

interface Statement {
  readonly claimId: string;
  readonly citations: readonly Citation[];
}

interface Found {
  readonly claimId: string;
  readonly sources: string[];
  readonly dangling: { stepId: string; pointer: string }[];
}

export const citations: Prover = {
  phase: 'postconditions',
  claim: claimOf({}, { minimum: integer(1) }),
  judge(claim, scope) {
    const stated = statements(scope.values.outputs(scope.step.stepId));
    if (!stated) return judgement('error', 'citations.malformed', { claims: [] });
    const ancestors = scope.values.ancestors(scope.step.stepId);
    const found = stated.map((item) => resolved(item, ancestors, scope));
    const evidence = { claims: found.map((item) => ({ ...item })) };
    const minimum = (claim['minimum'] ?? 1) as number;
    if (!found.length) return judgement('fail', 'citations.no_claims', evidence);
    if (found.some((item) => item.dangling.length)) return judgement('fail', 'citations.dangling', evidence);
    if (found.some((item) => item.sources.length < minimum)) {
      return judgement('fail', 'citations.too_few', evidence);
    }
    return judgement('pass', 'citations.met', evidence);
  },
};

function statements(outputs: Json): Statement[] | null {
  const claims = isObject(outputs) ? outputs['claims'] : null;
  return Array.isArray(claims) && claims.every(isStatement) ? (claims as unknown as Statement[]) : null;
}

function isStatement(item: Json): boolean {
  if (!isObject(item) || typeof item['claimId'] !== 'string' || typeof item['text'] !== 'string')
    return false;
  const cited = item['citations'];
  return Array.isArray(cited) && cited.every(isCitation);
}

function isCitation(item: Json): boolean {
  if (!isObject(item)) return false;
  const { stepId, pointer, sourceId = '' } = item;
  return [stepId, pointer, sourceId].every((member) => typeof member === 'string');
}

function resolved(
  { citations: cited, claimId }: Statement,
  ancestors: ReadonlySet<string>,
  scope: Scope,
): Found {
  const sources = new Set<string>();
  const dangling: Found['dangling'] = [];
  for (const { pointer, sourceId, stepId } of cited) {
    const value = ancestors.has(stepId) ? follow(scope.values.outputs(stepId), pointer) : undefined;
    const source = value === undefined ? undefined : digestOf(value);
    if (source !== undefined && (sourceId ?? source) === source) sources.add(source);
    else dangling.push({ stepId, pointer });
  }
  return { claimId, sources: [...sources].sort(), dangling };
}
