/**
 * A manifest whose shape is good, cut into steps, sections and fields (spec/pcq-v1.md, 4.2), and what a table of shapes
 * cannot find: a salt without its field, a marker that is none, a value that should have been detached.
 */

import { utf8 } from './bytes.ts';
import { decodeBase64, isDigest } from './encoding.ts';
import { writerOf } from './json/canonical.ts';
import type { StrictDocument } from './json/strict.ts';
import { isInteger, isObject, objectOf, type Json, type JsonObject } from './json/value.ts';
import { FAULT, finding, type Finding } from './report.ts';
import { readApproval, type Approval } from './reviews/approval.ts';

export const INLINE_LIMIT = 65_536;
export const PHASES = ['preconditions', 'postconditions'] as const;

export type Phase = (typeof PHASES)[number];
export type SectionName = 'inputs' | 'outputs' | 'proofs';
export type Outcome = 'done' | 'failed' | 'skipped' | 'blocked' | 'not-run' | 'overridden';

/** One committed field. Shown: `encoded` is J(value) and `salt` is there. Redacted: `hidden` is its digest. */
export interface Field {
  readonly value: Json;
  readonly encoded: string;
  readonly salt: Uint8Array;
  readonly hidden: string | null;
}

/** The fields of a section by key; `whole` says that the one field `$` is the value. */
export interface Section {
  readonly name: SectionName;
  readonly fields: ReadonlyMap<string, Field>;
  readonly whole: boolean;
}

export interface Proof {
  readonly prover: string;
  readonly kind: string;
  readonly version: number;
  readonly result: string;
  readonly severity: string;
  readonly reason: string;
  readonly evidence: JsonObject;
}

export interface Attestation {
  readonly inputs: Json;
  readonly outputs: Json;
  readonly timestamp: string;
  readonly previousAttestationHash: string | null;
  readonly signature: string;
  readonly attestationHash: string;
  readonly outcome: Outcome;
  readonly dependsOn: readonly string[];
  readonly salts: Readonly<Record<SectionName, Readonly<Record<string, string>>>>;
  readonly keyid: string;
}

export interface Attempt {
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface Step {
  readonly index: number;
  readonly stepId: string;
  readonly name: string;
  readonly attestation: Attestation;
  readonly outcome: Outcome;
  readonly proofs: Readonly<Record<Phase, readonly Proof[]>>;
  readonly observed: { readonly attempts: readonly Attempt[] };
  readonly sections: Readonly<Record<SectionName, Section>>;
}

export interface Header {
  readonly manifestId: string;
  readonly runbookId: string;
  readonly version: string;
  readonly executionId: string;
  readonly executedAt: string;
  readonly executedBy: string;
  readonly outcome: string;
  readonly contextHash: string;
  readonly stepCount: number;
  readonly chainHead: string;
  readonly merkleRoot: string;
  readonly observationsRoot: string;
  readonly stepSignaturesRoot: string;
  readonly approvalsRoot: string;
  readonly keyid: string;
  readonly trustVersion: number;
  readonly previousManifestHash: string | null;
  readonly logOrigin: string;
  readonly critical: readonly string[];
}

export interface Context {
  readonly runbookId: string;
  readonly version: string;
  readonly runbookDigest: string;
  readonly logicalTime: string;
  readonly purpose: string | null;
  readonly parametersDigest: string;
  readonly steps: readonly { readonly stepId: string; readonly dependsOn: readonly string[] }[];
  readonly provers: string;
  readonly policies: string;
  readonly licences: string;
  readonly models: Readonly<Record<string, string>>;
  readonly schemas: Readonly<Record<string, string>>;
}

/** The whole file, cut up; `headerValue` is what `signature` signs. */
export interface Manifest {
  /** `J` of what stands in the file. */
  readonly write: Write;
  readonly header: Header;
  readonly headerValue: JsonObject;
  readonly context: Context;
  readonly contextValue: JsonObject;
  readonly signature: Uint8Array;
  readonly steps: readonly Step[];
  readonly materials: Readonly<Record<string, JsonObject>>;
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  readonly approvals: readonly Approval[];
}

type Write = (value: Json) => string;

const NOT_HEADER = new Set(['steps', 'materials', 'approvals', 'signature']);
const NO_BYTES = new Uint8Array(0);

/** The manifest of a value that `checkManifest` found nothing against, and what is wrong with its fields. */
export function readManifest(document: StrictDocument): [Manifest, Finding[]] {
  const findings: Finding[] = [];
  const value = document.value as JsonObject;
  const write = writerOf(document);
  const steps = (value['steps'] as JsonObject[]).map((step, index) => readStep(step, index, write, findings));
  const headerValue = objectOf(Object.entries(value).filter(([name]) => !NOT_HEADER.has(name)));
  const contextValue = value['context'] as JsonObject;
  const context = contextValue as unknown as Context;
  const manifest: Manifest = {
    write,
    header: headerValue as unknown as Header,
    headerValue,
    context,
    contextValue,
    signature: decodeBase64(value['signature']) ?? NO_BYTES,
    steps,
    materials: value['materials'] as Record<string, JsonObject>,
    dependsOn: new Map(context.steps.map((item) => [item.stepId, item.dependsOn])),
    approvals: (value['approvals'] as JsonObject[]).map(readApproval),
  };
  for (const name of manifest.header.critical) {
    const message = `extension ${JSON.stringify(name)} must be understood and this verifier does not`;
    findings.push(finding(FAULT.incomplete, 'critical', message));
  }
  findings.push(...strangeMaterials(manifest));
  return [manifest, findings];
}

/** The marker of a detached value, or null. */
export function markerOf(field: Field): JsonObject | null {
  const { value } = field;
  return field.hidden === null && isObject(value) && '$digest' in value ? value : null;
}

/** The members that are committed to one by one, and whether the one member `$` is the whole value. */
export function fieldsOf(value: Json): [ReadonlyMap<string, Json>, boolean] {
  if (isObject(value) && !Object.keys(value).some((name) => name.startsWith('$'))) {
    return [new Map(Object.entries(value)), false];
  }
  return [new Map([['$', value]]), true];
}

/** Number of bytes of UTF-8. */
export function byteLength(text: string): number {
  // Three bytes a unit is the most there can be, so short texts need no encoding to be counted.
  return text.length * 3 <= INLINE_LIMIT ? text.length : utf8(text).length;
}

function readStep(value: JsonObject, index: number, write: Write, findings: Finding[]): Step {
  const attestation = value['attestation'] as unknown as Attestation;
  const proofs = value['proofs'] as unknown as Step['proofs'];
  const stepId = value['stepId'] as string;
  const name = `step ${stepId}`;
  const section = (part: SectionName, values: ReadonlyMap<string, Json>, whole: boolean): Section => ({
    name: part,
    fields: readFields(
      values,
      attestation.salts[part],
      part !== 'proofs',
      `${name}, ${part}`,
      write,
      findings,
    ),
    whole,
  });
  return {
    index,
    stepId,
    name,
    attestation,
    outcome: attestation.outcome,
    proofs,
    observed: value['observed'] as unknown as Step['observed'],
    sections: {
      inputs: section('inputs', ...fieldsOf(attestation.inputs)),
      outputs: section('outputs', ...fieldsOf(attestation.outputs)),
      proofs: section('proofs', proofFields(value['proofs'] as JsonObject), false),
    },
  };
}

function proofFields(proofs: JsonObject): Map<string, Json> {
  const fields = new Map<string, Json>();
  for (const phase of PHASES) {
    (proofs[phase] as JsonObject[]).forEach((proof, position) => {
      const members = Object.entries(proof).filter(([name]) => name !== 'evidence');
      fields.set(`${phase}/${position}`, objectOf(members));
      fields.set(`${phase}/${position}/evidence`, proof['evidence'] as Json);
    });
  }
  return fields;
}

function readFields(
  values: ReadonlyMap<string, Json>,
  salts: Readonly<Record<string, string>>,
  canDetach: boolean,
  where: string,
  write: Write,
  findings: Finding[],
): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const [key, value] of values) {
    let problem = markerProblem(value, canDetach);
    const hidden =
      !problem && isObject(value) && '$redacted' in value ? (value['$redacted'] as string) : null;
    const encoded = hidden === null ? write(value) : '';
    if (!problem && key in salts === (hidden !== null)) {
      problem = hidden === null ? 'a field that is shown has no salt' : 'a redacted field has a salt';
    } else if (!problem && canDetach && byteLength(encoded) > INLINE_LIMIT) {
      problem = `a value of ${byteLength(encoded)} bytes must be detached; the limit is ${INLINE_LIMIT}`;
    }
    if (problem) findings.push(finding(FAULT.malformed, `${where}.${key}`, problem));
    const salt = hidden === null ? (decodeBase64(salts[key]) ?? NO_BYTES) : NO_BYTES;
    fields.set(key, { value, encoded, salt, hidden });
  }
  for (const key of Object.keys(salts)) {
    if (!values.has(key))
      findings.push(finding(FAULT.malformed, `${where}.${key}`, 'a salt without a field'));
  }
  return fields;
}

function markerProblem(value: Json, canDetach: boolean): string {
  if (!isObject(value)) return '';
  if ('$redacted' in value) {
    const isMarker = Object.keys(value).length === 1 && isDigest(value['$redacted']);
    return isMarker ? '' : 'expected a redaction to be {$redacted: digest}';
  }
  if (!('$digest' in value) || !canDetach) return '';
  const { $digest: key, size, mediaType } = value;
  const isSize = isInteger(size) && size >= 0;
  if (Object.keys(value).length === 3 && isDigest(key) && isSize && mediaType === 'application/json')
    return '';
  return 'expected a detached value to be {$digest, size, mediaType: application/json}';
}

function strangeMaterials(manifest: Manifest): Finding[] {
  const { context } = manifest;
  const known = new Set<Json | undefined>([
    context.runbookDigest,
    context.parametersDigest,
    context.provers,
    context.policies,
    context.licences,
    ...Object.values(context.models),
    ...Object.values(context.schemas),
  ]);
  for (const step of manifest.steps) {
    for (const part of [step.sections.inputs, step.sections.outputs]) {
      for (const field of part.fields.values()) known.add(markerOf(field)?.['$digest']);
    }
  }
  const strange = Object.keys(manifest.materials).filter((key) => !known.has(key));
  return strange.map((key) =>
    finding(FAULT.malformed, `materials.${key}`, 'a material that nothing refers to'),
  );
}
