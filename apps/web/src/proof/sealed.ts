/**
 * What can be checked of an execution that has not ended: the steps sealed so far, in canonical order, each a hash of its
 * core, a signature over it, and the link to the one before. That the values shown are those committed to needs the salts,
 * and they come with the proof (spec/pcq-v1.md, 4 and 5).
 */

import { hex } from './bytes.ts';
import { Signatures } from './crypto/ed25519.ts';
import { decodeBase64, instant, pae } from './encoding.ts';
import { canonical } from './json/canonical.ts';
import type { JsonObject } from './json/value.ts';
import { leafHash } from './merkle.ts';
import { readTrust, type Trust } from './trust.ts';

export interface Seal {
  readonly stepId: string;
  readonly dependsOn: readonly string[];
  readonly core: Readonly<Record<string, unknown>>;
  readonly attestationHash: string;
  readonly keyid: string;
  readonly signature: string;
}

export interface SealChecked {
  readonly stepId: string;
  /** What is wrong with it; empty when it is as it was signed. */
  readonly faults: readonly string[];
}

/** One answer a seal, in their order; throws TrustError for a trust file that is none. */
export async function checkSeals(seals: readonly Seal[], trust: Uint8Array): Promise<SealChecked[]> {
  const keys = readTrust(trust);
  const signatures = new Signatures();
  const hashes = new Map(seals.map((seal) => [seal.stepId, seal.attestationHash]));
  const checked: SealChecked[] = [];
  let before: Seal | null = null;
  for (const seal of seals) {
    const faults = [...linkFaults(seal, before, hashes), ...(await signatureFaults(seal, keys, signatures))];
    checked.push({ stepId: seal.stepId, faults });
    before = seal;
  }
  return checked;
}

function linkFaults(seal: Seal, before: Seal | null, hashes: ReadonlyMap<string, string>): string[] {
  const { core } = seal;
  const faults: string[] = [];
  if (core['stepId'] !== seal.stepId) faults.push('its statement is about another step');
  if (core['previousAttestationHash'] !== (before?.attestationHash ?? null))
    faults.push('it does not name the step before it');
  if (before && core['context'] !== before.core['context']) faults.push('it belongs to another execution');
  const expected = JSON.stringify(seal.dependsOn.map((name) => hashes.get(name) ?? null));
  if (JSON.stringify(core['dependsOn']) !== expected) faults.push('it names other dependencies');
  return faults;
}

async function signatureFaults(seal: Seal, trust: Trust, signatures: Signatures): Promise<string[]> {
  const body = canonical(seal.core as JsonObject);
  if (`sha256:${hex(leafHash(body))}` !== seal.attestationHash) return ['its hash is another one'];
  const key = trust.public(seal.keyid);
  if (key === null) return [`key ${seal.keyid} is not in the trust file`];
  const refusal = trust.refusal(seal.keyid, 'step', instant(seal.core['timestamp']) ?? 0n);
  const bytes = decodeBase64(seal.signature) ?? new Uint8Array(0);
  const isSigned = await signatures.isStrict(bytes, pae('step', body), key);
  return [...(refusal ? [refusal] : []), ...(isSigned ? [] : ['its signature does not fit'])];
}
