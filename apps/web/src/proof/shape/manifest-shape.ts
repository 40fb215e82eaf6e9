/** The closed shape of a manifest, as a table (spec/pcq-v1.md, 2 to 4 and 7). */

import { isObject, type Json } from '../json/value.ts';
import { FAULT, finding, type Finding } from '../report.ts';
import { APPROVAL } from '../reviews/approval.ts';
import {
  anyValue,
  array,
  base64Bytes,
  closed,
  digestText,
  hexDigits,
  identifier,
  integer,
  mapping,
  nullable,
  oneOf,
  ShapeError,
  text,
  time,
  type Checker,
} from './shapes.ts';

const CONTEXT = closed({
  pcq: oneOf('context/v1'),
  runbookId: identifier,
  version: text(),
  runbookDigest: digestText,
  logicalTime: time,
  seed: hexDigits,
  purpose: nullable(text()),
  parametersDigest: digestText,
  steps: array(closed({ stepId: identifier, dependsOn: array(identifier) })),
  provers: digestText,
  policies: digestText,
  licences: digestText,
  models: mapping(digestText),
  schemas: mapping(digestText),
  engines: mapping(text()),
});

const SALTS = mapping(base64Bytes(16));

const ATTESTATION = closed({
  inputs: anyValue,
  outputs: anyValue,
  timestamp: time,
  previousAttestationHash: nullable(digestText),
  signature: base64Bytes(),
  attestationHash: digestText,
  outcome: oneOf('done', 'failed', 'skipped', 'blocked', 'not-run', 'overridden'),
  dependsOn: array(digestText),
  salts: closed({ inputs: SALTS, outputs: SALTS, proofs: SALTS }),
  keyid: digestText,
});

const PROOF = closed({
  prover: identifier,
  kind: text(),
  version: oneOf(1),
  result: oneOf('pass', 'fail', 'error', 'skipped'),
  severity: oneOf('block', 'warn'),
  reason: text(),
  evidence: mapping(anyValue),
});

const ATTEMPT = closed({
  attempt: integer(1),
  startedAt: time,
  endedAt: nullable(time),
  error: nullable(closed({ code: text(), message: text() })),
});

const STEP = closed({
  stepId: identifier,
  attestation: ATTESTATION,
  proofs: closed({ preconditions: array(PROOF), postconditions: array(PROOF) }),
  observed: closed({
    startedAt: nullable(time),
    endedAt: nullable(time),
    attempts: array(ATTEMPT),
    worker: nullable(text()),
    engine: nullable(text()),
  }),
});

// The member's name says `base64`, so its value has no prefix.
const plainBase64: Checker = (value) => {
  text()(value);
  base64Bytes()(`base64:${value as string}`);
};

const AS_TEXT = closed({ text: text() });
const AS_BASE64 = closed({ base64: plainBase64 });

const material: Checker = (value) =>
  isObject(value) && 'base64' in value ? AS_BASE64(value) : AS_TEXT(value);

const TOP = closed({
  pcq: oneOf('manifest/v1'),
  manifestId: identifier,
  runbookId: identifier,
  version: text(),
  executionId: identifier,
  executedAt: time,
  executedBy: text(1, 256),
  outcome: oneOf('completed', 'overridden', 'failed', 'blocked', 'cancelled'),
  context: CONTEXT,
  contextHash: digestText,
  stepCount: integer(1),
  chainHead: digestText,
  merkleRoot: digestText,
  observationsRoot: digestText,
  stepSignaturesRoot: digestText,
  approvalsRoot: digestText,
  keyid: digestText,
  trustVersion: integer(1),
  executionSeq: integer(1),
  previousManifestHash: nullable(digestText),
  logOrigin: identifier,
  startEntry: digestText,
  extensions: mapping(anyValue),
  critical: array(text()),
  materials: mapping(material, digestText),
  approvals: array(APPROVAL),
  signature: base64Bytes(),
  steps: array(anyValue),
});

/** Where `value` is no manifest/v1: at most one finding for the top level and one for each step. */
export function checkManifest(value: Json): Finding[] {
  const findings = problems(TOP, value);
  const steps = isObject(value) ? value['steps'] : undefined;
  if (!Array.isArray(steps)) return findings;
  return [...findings, ...steps.flatMap((step, index) => problems(STEP, step, [String(index), 'steps']))];
}

function problems(shape: Checker, value: Json, place: string[] = []): Finding[] {
  try {
    shape(value);
    return [];
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    error.path.push(...place);
    return [finding(FAULT.malformed, error.where, error.message)];
  }
}
