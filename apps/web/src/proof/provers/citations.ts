/** `citations`: claims point at enough distinct recorded sources, and say recorded values (spec/provers.md, 5). */

import { digestOf } from '../encoding.ts';
import { follow } from '../json/pointer.ts';
import { isObject, objectOf, type Json, type JsonObject } from '../json/value.ts';
import { integer, oneOf } from '../shape/shapes.ts';
import { claimOf, judgement, type Judgement, type Prover, type Scope } from './prover.ts';
import { isTemplateClaim, reasonAgainst, TEMPLATE_REASONS, type Told } from './templates.ts';

interface Place {
  readonly stepId: string;
  readonly pointer: string;
}

interface Citation extends Place {
  readonly sourceId?: string;
}

interface Statement {
  readonly claimId: string;
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly template?: string;
  readonly values?: Readonly<Record<string, Told>>;
}

interface Found {
  readonly claimId: string;
  readonly sources: string[];
  readonly dangling: { stepId: string; pointer: string }[];
  readonly template?: { values: JsonObject; fault: string | null };
}

export const citations: Prover = {
  phase: 'postconditions',
  claim: claimOf({}, { minimum: integer(1), templates: oneOf(true, false) }),
  judge(claim, scope) {
    const stated = statements(scope.values.outputs(scope.step.stepId));
    if (!stated) return judgement('error', 'citations.malformed', { claims: [] });
    const ancestors = scope.values.ancestors(scope.step.stepId);
    const found = stated.map((item) => resolved(item, ancestors, scope));
    const claims = found.map(({ template, ...shown }): JsonObject => ({ ...shown, ...template }));
    const [result, reason] = verdict(found, claim);
    return judgement(result, `citations.${reason}`, { claims });
  },
};

function verdict(found: readonly Found[], claim: JsonObject): [Judgement['result'], string] {
  const minimum = (claim['minimum'] ?? 1) as number;
  if (!found.length) return ['fail', 'no_claims'];
  if (found.some((item) => item.dangling.length)) return ['fail', 'dangling'];
  if (found.some((item) => item.sources.length < minimum)) return ['fail', 'too_few'];
  if (claim['templates'] === true && !found.every((item) => item.template)) return ['fail', 'no_template'];
  const faults = new Set(found.map((item) => item.template?.fault));
  const broken = TEMPLATE_REASONS.find((reason) => faults.has(`citations.${reason}`));
  return broken ? ['fail', broken] : ['pass', 'met'];
}

function statements(outputs: Json): Statement[] | null {
  const claims = isObject(outputs) ? outputs['claims'] : null;
  return Array.isArray(claims) && claims.every(isStatement) ? (claims as unknown as Statement[]) : null;
}

function isStatement(item: Json): boolean {
  if (!isObject(item) || typeof item['claimId'] !== 'string' || typeof item['text'] !== 'string')
    return false;
  const cited = item['citations'];
  return Array.isArray(cited) && cited.every(isCitation) && isTemplateClaim(item);
}

function isCitation(item: Json): boolean {
  if (!isObject(item)) return false;
  const { stepId, pointer, sourceId = '' } = item;
  return [stepId, pointer, sourceId].every((member) => typeof member === 'string');
}

function resolved(item: Statement, ancestors: ReadonlySet<string>, scope: Scope): Found {
  const sources = new Set<string>();
  const dangling: Found['dangling'] = [];
  for (const citation of item.citations) {
    const { pointer, sourceId, stepId } = citation;
    const source = sourceOf(citation, ancestors, scope);
    if (source !== null && (sourceId ?? source) === source) sources.add(source);
    else dangling.push({ stepId, pointer });
  }
  const shown = { claimId: item.claimId, sources: [...sources].sort(), dangling };
  if (item.template === undefined || !item.values) return shown;
  const told = Object.entries(item.values).map(
    ([name, place]) => [name, sourceOf(place, ancestors, scope)] as const,
  );
  const fault = reasonAgainst(item.template, item.text, item.values, new Map(told));
  return { ...shown, template: { values: objectOf(told), fault } };
}

/** The digest of what a stepId and a pointer lead to, or null; throws UnavailableError for what is hidden. */
function sourceOf({ pointer, stepId }: Place, ancestors: ReadonlySet<string>, scope: Scope): string | null {
  const value = ancestors.has(stepId) ? follow(scope.values.outputs(stepId), pointer) : undefined;
  return value === undefined ? null : digestOf(value);
}
