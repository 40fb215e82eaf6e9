/** `license_registry` and `license_derived`: may data be used so, and may what was made of it (spec/provers.md, 3). */

import { WHITE_SPACE } from '../json/text.ts';
import { byBytes, isObject, type Json, type JsonObject } from '../json/value.ts';
import { decide, decideDerived, decision, type Decision, type Use } from '../licences/decide.ts';
import type { Registry } from '../licences/registry.ts';
import { mapping, text, textOrNumber } from '../shape/shapes.ts';
import { UnavailableError } from '../values.ts';
import { COMBINATION_SHAPES } from './combined-shape.ts';
import { claimOf, judgement, type Prover, type Scope } from './prover.ts';

const USE = { purpose: text(), facts: mapping(textOrNumber) };
const CHECK = new RegExp(`^([^${WHITE_SPACE}]+) allows ([^${WHITE_SPACE}]+)$`, 'u');

export const licenceRegistry: Prover = {
  phase: 'preconditions',
  needsEvidence: true,
  claim: claimOf({ check: text() }, USE),
  judge(claim, scope, recorded) {
    const check = CHECK.exec(claim['check'] as string);
    if (!check) return told(claim, scope, decision('error', 'malformed_check'), [], null, null);
    const [resource, action] = check.slice(1) as [string, string];
    const registry = registryOf(scope);
    const asked = registry.licences.filter((licence) => licence.resource === resource);
    const revoked = revokedOf(recorded, new Set(asked.map((licence) => licence.name)));
    const decided = decide(registry, resource, use(claim, scope, action), revoked);
    return told(claim, scope, decided, revoked, resource, action);
  },
};

export const licenceDerived: Prover = {
  phase: 'preconditions',
  needsEvidence: true,
  claim: claimOf({ action: text() }, USE),
  judge(claim, scope, recorded) {
    const ancestors = [...scope.values.ancestors(scope.step.stepId)];
    const used = new Set(ancestors.flatMap((stepId) => licencesOf(scope, stepId)));
    const sources = [...used].filter((name) => name !== null).sort(byBytes);
    const registry = registryOf(scope);
    const asked = registry.licences.map((licence) => licence.name).filter((name) => sources.includes(name));
    const revoked = revokedOf(recorded, new Set(asked));
    const action = claim['action'] as string;
    const decided = decideDerived(registry, sources, use(claim, scope, action), revoked, used.has(null));
    const evidence = { ...common(claim, scope, decided), revoked, action, sources };
    return judgement(decided.result, decided.reason, evidence);
  },
};

function told(
  claim: JsonObject,
  scope: Scope,
  decided: Decision,
  revoked: string[] | null,
  resource: string | null,
  action: string | null,
): ReturnType<typeof judgement> {
  const evidence = { ...common(claim, scope, decided), revoked, resource, action, rule: decided.rule };
  return judgement(decided.result, decided.reason, evidence);
}

function common(claim: JsonObject, scope: Scope, decided: Decision): JsonObject {
  const { licences, logicalTime } = scope.manifest.context;
  return {
    registry: licences,
    now: logicalTime,
    purpose: purposeOf(claim, scope),
    facts: claim['facts'] ?? {},
    licence: decided.licence,
    duties: decided.duties,
  };
}

function registryOf(scope: Scope): Registry {
  if (!scope.licences) throw new UnavailableError('the licence registry is missing');
  return scope.licences;
}

function purposeOf(claim: JsonObject, scope: Scope): string | null {
  return (claim['purpose'] as string | undefined) ?? scope.manifest.context.purpose;
}

function use(claim: JsonObject, scope: Scope, action: string): Use {
  const { context, header } = scope.manifest;
  const stated = (claim['facts'] ?? {}) as JsonObject;
  return {
    action,
    now: context.logicalTime,
    user: header.executedBy,
    purpose: purposeOf(claim, scope),
    stated,
  };
}

/** The recorded `revoked` if it can have been answered so (spec/licences.md, 7); any other becomes null or []. */
function revokedOf(recorded: JsonObject, asked: ReadonlySet<string>): string[] | null {
  if (!asked.size) return [];
  const found = recorded['revoked'];
  if (!Array.isArray(found)) return null;
  const names = found.filter((name) => typeof name === 'string' && asked.has(name)) as string[];
  return names.length === found.length ? [...new Set(names)].sort(byBytes) : null;
}

/** Names of the licences under which a step took its data; null for data that none covers. */
function licencesOf(scope: Scope, stepId: string): (string | null)[] {
  const step = scope.values.step(stepId);
  return step.proofs.preconditions.flatMap((proof) =>
    licencesOfProof(proof as unknown as Json, `${step.name}, ${proof.prover}`, true),
  );
}

/** `isDecisive` while no combination around the proof passed without it: then the step acted on what it judges. */
function licencesOfProof(proof: Json, where: string, isDecisive: boolean): (string | null)[] {
  // A combination's evidence has any shape; one that lies is found when that step's own proofs are judged.
  if (!isObject(proof) || !isObject(proof['evidence'])) return [];
  const { evidence, kind } = proof as { evidence: JsonObject; kind: Json };
  const isCombination = typeof kind === 'string' && COMBINATION_SHAPES.has(kind);
  const isPass = proof['result'] === 'pass';
  if (!isCombination && !(kind === 'license_registry' && (isPass || isDecisive))) return [];
  if ('$redacted' in evidence) {
    throw new UnavailableError(`${where}: the evidence that names its licences is redacted`);
  }
  if (!isCombination) return [typeof evidence['licence'] === 'string' ? evidence['licence'] : null];
  const nested = evidence['proofs'];
  if (!Array.isArray(nested)) return [];
  return nested.flatMap((item) => licencesOfProof(item, where, isDecisive && !isPass));
}
