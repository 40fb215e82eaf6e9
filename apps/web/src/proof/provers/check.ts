/** Every recorded proof judged again (spec/provers.md, 1 and 14). */

import type { Claims } from '../claims.ts';
import { canonicalText } from '../json/canonical.ts';
import { StrictJsonError } from '../json/strict.ts';
import { isObject, type Json, type JsonObject } from '../json/value.ts';
import { PHASES, type Phase, type Proof } from '../manifest.ts';
import type { Documents } from '../materials.ts';
import { FAULT, finding, type Finding } from '../report.ts';
import type { Story } from '../recompute.ts';
import { got } from '../shape/shapes.ts';
import { UnavailableError } from '../values.ts';
import { selfContaining } from './circles.ts';
import { COMBINATION_SHAPES } from './combined-shape.ts';
import { proverKind } from './kinds.ts';
import { judgement, type Judgement, type Scope } from './prover.ts';

const MOST_DEPTH = 4;

/** The evidence has not one proof for each name of the claim, in that order. */
class ContradictionError extends Error {
  override name = 'ContradictionError';
}

interface PhaseClaims {
  readonly phase: Phase;
  readonly byName: ReadonlyMap<string, JsonObject>;
  readonly circular: ReadonlySet<string>;
}

/** Findings where a recorded proof is not the one that its claim and evidence give. */
export async function checkProofs(story: Story, documents: Documents): Promise<Finding[]> {
  const findings: Finding[] = [];
  const claims = new Map(PHASES.map((phase) => [phase, claimsOf(documents, phase)]));
  for (const step of story.manifest.steps) {
    const scope: Scope = { ...story, step, licences: documents.licences, prover: '' };
    for (const phase of PHASES) {
      for (const [position, proof] of step.proofs[phase].entries()) {
        const where = `${step.name}, ${phase}.${position} ${proof.prover}`;
        findings.push(...(await judgedAgain(proof, claims.get(phase) ?? null, scope, where)));
      }
    }
    await story.pace.step(story.manifest.steps.length);
  }
  return findings;
}

async function judgedAgain(
  proof: Proof,
  claims: PhaseClaims | null,
  scope: Scope,
  where: string,
): Promise<Finding[]> {
  try {
    if (!claims) throw new UnavailableError('the definition or the prover registry is missing');
    const severity = claims.byName.get(proof.prover)?.['severity'] ?? 'block';
    const judged = await judged_(proof.prover, claims, scope, proof.evidence, 1);
    return differences({ ...judged, severity }, proof, where);
  } catch (error) {
    if (error instanceof ContradictionError) return [finding(FAULT.notReproduced, where, error.message)];
    if (!(error instanceof UnavailableError || error instanceof StrictJsonError)) throw error;
    return [finding(FAULT.incomplete, where, `not judged again: ${error.message}`)];
  }
}

function claimsOf(documents: Documents, phase: Phase): PhaseClaims | null {
  const { definition, provers } = documents;
  if (!definition || !provers) return null;
  const of = (claims: Claims): [string, JsonObject][] => Object.entries(claims[phase] ?? {});
  const byName = new Map([...of(provers), ...of(definition.provers)]);
  const combinations = [...byName].filter(([, claim]) => COMBINATION_SHAPES.has(claim['type'] as string));
  const circular = selfContaining(
    new Map(combinations.map(([name, claim]) => [name, claim['provers'] as string[]])),
  );
  return { phase, byName, circular };
}

async function judged_(
  name: string,
  claims: PhaseClaims,
  scope: Scope,
  evidence: JsonObject,
  depth: number,
): Promise<JsonObject> {
  const claim = claims.byName.get(name);
  const kind = claim ? (claim['type'] as string) : 'undefined';
  let found: Judgement;
  if (!claim) found = judgement('error', 'prover.undefined', {});
  else if (COMBINATION_SHAPES.has(kind)) found = await combined(name, claim, claims, scope, evidence, depth);
  else found = await single(kind, claim, claims.phase, { ...scope, prover: name }, evidence);
  return {
    prover: name,
    kind,
    version: 1,
    result: found.result,
    reason: found.reason,
    evidence: found.evidence,
  };
}

function single(
  kind: string,
  claim: JsonObject,
  phase: Phase,
  scope: Scope,
  evidence: JsonObject,
): Judgement | Promise<Judgement> {
  const prover = proverKind(kind);
  if (!prover) return judgement('error', 'prover.unknown_kind', {});
  if (prover.phase !== phase) return judgement('error', 'prover.wrong_phase', {});
  if (prover.needsEvidence && '$redacted' in evidence) throw new UnavailableError('the evidence is redacted');
  return prover.judge(claim, scope, evidence);
}

/** Every nested judgement has a recorded proof beside it, so the work is bounded by the file and not by the claims. */
async function combined(
  name: string,
  claim: JsonObject,
  claims: PhaseClaims,
  scope: Scope,
  recorded: JsonObject,
  depth: number,
): Promise<Judgement> {
  if (claims.circular.has(name) || depth > MOST_DEPTH) {
    return judgement('error', 'combined.circular', { proofs: [] });
  }
  if ('$redacted' in recorded) throw new UnavailableError('the evidence is redacted');
  const names = claim['provers'] as string[];
  const found = recorded['proofs'];
  const told = Array.isArray(found)
    ? found.map((proof) => (isObject(proof) ? (proof['prover'] ?? null) : null))
    : null;
  if (!Array.isArray(found) || canonicalText(told) !== canonicalText(names)) {
    throw new ContradictionError(`evidence.proofs: expected the provers ${got(names)}, got ${got(told)}`);
  }
  const proofs: JsonObject[] = [];
  for (const [at, inner] of names.entries()) {
    proofs.push(await judged_(inner, claims, scope, nestedEvidence(found[at]), depth + 1));
  }
  const result = together(
    claim,
    proofs.map((proof) => proof['result']),
  );
  const reason = { pass: 'combined.met', fail: 'combined.not_met', error: 'combined.undecided' }[result];
  return judgement(result, reason, { proofs });
}

function nestedEvidence(proof: Json | undefined): JsonObject {
  // Evidence is hidden as a whole; a nested marker is no redaction but a proof without its evidence.
  const evidence = isObject(proof) ? proof['evidence'] : null;
  return isObject(evidence) && !('$redacted' in evidence) ? evidence : {};
}

function together(claim: JsonObject, results: readonly (Json | undefined)[]): Judgement['result'] {
  if (!results.length) return 'fail';
  const count = (result: string): number => results.filter((item) => item === result).length;
  const needed =
    { all: results.length, any: 1 }[claim['type'] as 'all' | 'any'] ?? (claim['minimum'] as number);
  if (count('pass') >= needed) return 'pass';
  return results.length - count('fail') < needed ? 'fail' : 'error';
}

function differences(expected: JsonObject, proof: Proof, where: string): Finding[] {
  const members = ['prover', 'kind', 'version', 'result', 'reason', 'severity'] as const;
  const findings = members
    .filter((member) => proof[member] !== expected[member])
    .map((member) => `${member}: expected ${got(expected[member])}, got ${got(proof[member])}`)
    .map((message) => finding(FAULT.notReproduced, where, message));
  const { evidence } = proof;
  if ('$redacted' in evidence)
    return [...findings, finding(FAULT.incomplete, where, 'the evidence is redacted')];
  const wanted = expected['evidence'] as JsonObject;
  for (const member of new Set([...Object.keys(wanted), ...Object.keys(evidence)].sort())) {
    const [left, right] = [wanted[member], evidence[member]];
    let problem = '';
    if (left === undefined) problem = 'is unknown';
    else if (right === undefined) problem = 'is missing';
    else if (canonicalText(left) !== canonicalText(right))
      problem = `: expected ${got(left)}, got ${got(right)}`;
    if (problem) findings.push(finding(FAULT.notReproduced, where, `evidence.${member} ${problem}`));
  }
  return findings;
}
