/** Hashes and signatures of one manifest: trust, header, leaves, chain, trees, steps (spec/pcq-v1.md, 2 to 5 and 8). */

import { hex, unhex } from './bytes.ts';
import { coreOf } from './commitments.ts';
import type { Judge } from './crypto/ed25519.ts';
import { decodeBase64, digest, digestOf, instant, pae } from './encoding.ts';
import { canonical } from './json/canonical.ts';
import type { Json } from './json/value.ts';
import type { Manifest, Step } from './manifest.ts';
import { leafHash, leafHashOf, treeHash } from './merkle.ts';
import type { Pace } from './pace.ts';
import { FAULT, finding, type Finding } from './report.ts';
import type { Role, Trust } from './trust.ts';

const AT_ONCE = 512;

/** `manifestHash`: what the next manifest of this runbook calls its predecessor. */
export function manifestHash(manifest: Manifest): string {
  return digest(pae('manifest', canonical(manifest.headerValue)));
}

/** Findings for a trust file that is too old and for every key that does not count. */
export function checkTrust(manifest: Manifest, trust: Trust): Finding[] {
  const findings: Finding[] = [];
  const wanted = manifest.header.trustVersion;
  if (wanted > trust.version) {
    const message = `expected at most ${trust.version}, the trust file's version, got ${wanted}: get the newer trust file`;
    findings.push(finding(FAULT.untrusted, 'trustVersion', message));
  }
  const at = instant(manifest.header.executedAt) ?? 0n;
  const users: [string, string, Role][] = [['keyid', manifest.header.keyid, 'manifest']];
  for (const step of manifest.steps) users.push([`${step.name}, keyid`, step.attestation.keyid, 'step']);
  const refusals = new Map<string, string>();
  for (const [where, keyid, role] of users) {
    const known = `${role} ${keyid}`;
    const refusal = refusals.get(known) ?? trust.refusal(keyid, role, at);
    refusals.set(known, refusal);
    if (refusal) findings.push(finding(FAULT.untrusted, where, refusal));
  }
  return findings;
}

/** The context's hash and the manifest's signature. */
export async function checkHeader(
  manifest: Manifest,
  trust: Trust | null,
  signatures: Judge,
): Promise<Finding[]> {
  const { header } = manifest;
  const message = pae('manifest', canonical(manifest.headerValue));
  return [
    ...differs('contextHash', digestOf(manifest.contextValue), header.contextHash),
    ...(await signed(manifest.signature, message, header.keyid, trust, signatures, 'signature')),
  ];
}

/** `J(core)` of every step; each is told as it is there. */
export async function coresOf(
  manifest: Manifest,
  pace: Pace,
  tell: (step: Step, core: Uint8Array) => void,
): Promise<Uint8Array[]> {
  const cores: Uint8Array[] = [];
  for (const step of manifest.steps) {
    const core = coreOf(step, manifest);
    cores.push(core);
    tell(step, core);
    await pace.step(manifest.steps.length);
  }
  return cores;
}

/** Every commitment and core, computed anew, against the attestation hash; and the one logical time. */
export function checkLeaves(manifest: Manifest, cores: readonly Uint8Array[]): Finding[] {
  return manifest.steps.flatMap((step) => {
    const expected = `sha256:${hex(leafHash(cores[step.index] as Uint8Array))}`;
    const recorded = step.attestation.attestationHash;
    const message = `expected ${expected} from its values, salts and place, got ${recorded}`;
    const wrong =
      recorded === expected ? [] : [finding(FAULT.invalid, `${step.name}, attestationHash`, message)];
    const { timestamp } = step.attestation;
    return [...wrong, ...differs(`${step.name}, timestamp`, manifest.context.logicalTime, timestamp)];
  });
}

/** Each step names the one before it, and its dependencies by their attestation hashes. */
export function checkChain(manifest: Manifest): Finding[] {
  const hashes = new Map(manifest.steps.map((step) => [step.stepId, step.attestation.attestationHash]));
  let previous: string | null = null;
  return manifest.steps.flatMap((step) => {
    const { attestationHash, dependsOn, previousAttestationHash } = step.attestation;
    const before = differs(`${step.name}, previousAttestationHash`, previous, previousAttestationHash);
    previous = attestationHash;
    const expected = (manifest.dependsOn.get(step.stepId) ?? []).map((name) => hashes.get(name) ?? null);
    return [...before, ...differs(`${step.name}, dependsOn`, expected, dependsOn)];
  });
}

/** Number of steps, head of the chain, Merkle root. */
export function checkRoot(manifest: Manifest): Finding[] {
  const { header, steps } = manifest;
  const hashes = steps.map((step) => step.attestation.attestationHash);
  const root = `sha256:${hex(treeHash(hashes.map((item) => unhex(item.slice(7)))))}`;
  return [
    ...differs('stepCount', hashes.length, header.stepCount),
    ...differs('chainHead', hashes.at(-1) ?? null, header.chainHead),
    ...differs('merkleRoot', root, header.merkleRoot),
  ];
}

/** The trees over what the runner saw, over the step signatures, and over the approvals. */
export function checkSubroots(manifest: Manifest): Finding[] {
  const { approvals, header, steps } = manifest;
  const rootOf = (leaves: Json[]): string =>
    `sha256:${hex(treeHash(leaves.map((leaf) => leafHashOf(manifest.write(leaf)))))}`;
  const observed = steps.map((step): Json => [step.stepId, step.observed as unknown as Json]);
  const signatures = steps.map((step): Json => [
    step.stepId,
    step.attestation.keyid,
    step.attestation.signature,
  ]);
  return [
    ...differs('observationsRoot', rootOf(observed), header.observationsRoot),
    ...differs('stepSignaturesRoot', rootOf(signatures), header.stepSignaturesRoot),
    ...differs('approvalsRoot', rootOf(approvals.map((approval) => approval.value)), header.approvalsRoot),
  ];
}

/** Every step's signature over its core: the one that was `begun` for its place, or begun now. */
export async function checkSignatures(
  manifest: Manifest,
  begun: readonly Promise<Finding[]>[],
  begin: (step: Step) => Promise<Finding[]>,
  pace: Pace,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let from = 0; from < manifest.steps.length; from += AT_ONCE) {
    const batch = manifest.steps.slice(from, from + AT_ONCE).map((step) => begun[step.index] ?? begin(step));
    for (const found of await Promise.all(batch)) findings.push(...found);
    await pace.step(manifest.steps.length, batch.length);
  }
  return findings;
}

/** One step's signature over its core. */
export function checkSignature(
  step: Step,
  core: Uint8Array,
  trust: Trust | null,
  signatures: Judge,
): Promise<Finding[]> {
  const { keyid, signature } = step.attestation;
  const bytes = decodeBase64(signature) ?? new Uint8Array(0);
  return signed(bytes, pae('step', core), keyid, trust, signatures, `${step.name}, signature`);
}

async function signed(
  signature: Uint8Array,
  message: Uint8Array,
  keyid: string,
  trust: Trust | null,
  signatures: Judge,
  where: string,
): Promise<Finding[]> {
  const key = trust?.public(keyid) ?? null;
  if (key === null) return [finding(FAULT.incomplete, where, `cannot be checked: key ${keyid} is unknown`)];
  if (await signatures.isStrict(signature, message, key)) return [];
  const told = `expected an Ed25519 signature by key ${keyid} over these bytes, got another`;
  return [finding(FAULT.invalid, where, told)];
}

type Told = string | number | null | readonly (string | null)[];

function differs(where: string, expected: Told, found: Told): Finding[] {
  const [wanted, told] = [JSON.stringify(expected), JSON.stringify(found)];
  return wanted === told ? [] : [finding(FAULT.invalid, where, `expected ${wanted}, got ${told}`)];
}
