/** Fields, commitments and cores: from the values shown to the bytes that are signed (spec/pcq-v1.md, 4.1, 4.2). */

import { spelledBehind, utf8 } from './bytes.ts';
import { digest } from './encoding.ts';
import { canonical, canonicalText } from './json/canonical.ts';
import { emptyObject, objectOf, type Json } from './json/value.ts';
import type { Manifest, Section, Step } from './manifest.ts';

const FIELD = utf8('pcq-field-v1\0');
const SECTION = utf8('pcq-section-v1\0');

/** How J([stepId, section, key, value]) begins, the same for all fields of a section. */
export function fieldHead(stepId: string, section: string): string {
  return `${canonicalText([stepId, section]).slice(0, -1)},`;
}

/** `S(field)` of a field behind that head; `encoded` is its value's RFC 8785 form, which is not written a second time. */
export function fieldDigest(head: string, key: string, encoded: string, salt: Uint8Array): string {
  return digest(spelledBehind(`${head}${canonicalText(key)},${encoded}]`, FIELD, salt));
}

/** The commitment of a section; a redacted field stands in with the digest that it left behind. */
export function commit(stepId: string, section: Section): string {
  const head = fieldHead(stepId, section.name);
  const digests = emptyObject();
  for (const [key, field] of section.fields) {
    digests[key] = field.hidden ?? fieldDigest(head, key, field.encoded, field.salt);
  }
  return digest(spelledBehind(canonicalText(digests), SECTION));
}

/** `J(core)` of a step, its three commitments computed anew. */
export function coreOf(step: Step, manifest: Manifest): Uint8Array {
  const { attestation, sections, stepId } = step;
  const members: [string, Json][] = [
    ['pcq', 'step/v1'],
    ['context', manifest.header.contextHash],
    ['stepId', stepId],
    ['index', step.index],
    ['count', manifest.header.stepCount],
    ['outcome', attestation.outcome],
    ['dependsOn', [...attestation.dependsOn]],
    ['inputs', commit(stepId, sections.inputs)],
    ['outputs', commit(stepId, sections.outputs)],
    ['proofs', commit(stepId, sections.proofs)],
    ['timestamp', attestation.timestamp],
    ['previousAttestationHash', attestation.previousAttestationHash],
  ];
  return canonical(objectOf(members));
}
