/** `runbook`: the execution that a step began, held against its own proof where that is given (spec/execution.md, 6). */

import { digestOf } from '../encoding.ts';
import type { Told } from '../family.ts';
import { canonicalText } from '../json/canonical.ts';
import type { Json, JsonObject } from '../json/value.ts';
import type { Manifest } from '../manifest.ts';
import { FAULT, finding, type Finding } from '../report.ts';
import { manifestHash } from '../seals.ts';
import {
  anyValue,
  closed,
  digestText,
  got,
  identifier,
  oneOf,
  open,
  ShapeError,
  text,
  type Checker,
} from '../shape/shapes.ts';
import { UnavailableError } from '../values.ts';
import type { Recorded, StepKind } from './kind.ts';

/** One execution: where it is recorded, the parameters that it was given, and what the step says of it. */
interface Child {
  readonly where: string;
  readonly given: Json;
  readonly told: Json;
}

export const runbook: StepKind = {
  shape: open({ runbook: identifier }, { result: identifier }),
  faults,
};

async function faults(recorded: Recorded): Promise<Finding[]> {
  const { declared, family, step } = recorded;
  const children = childrenOf(recorded);
  if (!children) {
    return [
      finding(FAULT.notReproduced, `${step.name}, outputs`, 'expected a list of as many as its inputs'),
    ];
  }
  const shape = outputsOf(declared.body);
  const findings: Finding[] = [];
  const missing: string[] = [];
  for (const child of children) {
    const problem = problemOf(shape, child);
    const name = problem ? '' : ((child.told as JsonObject)['executionId'] as string);
    if (problem) findings.push(problem);
    else if (family.has(name)) findings.push(...(await againstProof(recorded, child, name)));
    else missing.push(name);
  }
  if (missing.length) family.note(noteOn(step.name, missing, children.length));
  return findings;
}

function noteOn(step: string, missing: readonly string[], count: number): string {
  const first = missing[0] as string;
  const those =
    count === 1 ? `execution ${first}` : `${missing.length} of ${count} executions, ${first} first`;
  return `${step} rests on ${those}, of which no proof was given: its outputs are what the installation recorded`;
}

/** Null for lists that do not fit together; throws UnavailableError. */
function childrenOf({ declared, step, values }: Recorded): Child[] | null {
  const [inputs, outputs] = [values.inputs(step.stepId), values.outputs(step.stepId)];
  const where = `${step.name}, outputs`;
  if (!('forEach' in declared.body)) return [{ where, given: inputs, told: outputs }];
  if (!Array.isArray(inputs) || !Array.isArray(outputs) || inputs.length !== outputs.length) return null;
  return outputs.map((told, index) => ({ where: `${where}.${index}`, given: inputs[index] as Json, told }));
}

function outputsOf(body: JsonObject): Checker {
  return closed({
    executionId: text(),
    runbookId: oneOf(body['runbook'] as string),
    version: text(),
    runbookDigest: digestText,
    outcome: oneOf('completed', 'overridden'),
    manifestHash: digestText,
    merkleRoot: digestText,
    ...('result' in body && { result: anyValue }),
  });
}

function problemOf(shape: Checker, { told, where }: Child): Finding | null {
  try {
    shape(told);
    return null;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const place = [where, ...error.path.toReversed()].join('.');
    return finding(FAULT.notReproduced, place, error.message);
  }
}

async function againstProof({ declared, family, manifest }: Recorded, child: Child, name: string) {
  const { where } = child;
  const verified = await family.of(name);
  if (!verified) return [finding(FAULT.notReproduced, where, `execution ${name} rests on itself`)];
  const { report, told: proof } = verified;
  if (report.exitCode) {
    return [finding(report.exitCode, where, `the proof of execution ${name} is refused: ${report.reason}`)];
  }
  if (!proof) throw new Error(`the proof of execution ${name} was accepted without being read`);
  const told = child.told as JsonObject;
  const findings = members(proof, child.given, told, manifest)
    .filter(([, expected, found]) => expected !== found)
    .map(([member, expected, found]) => differs(where, `${member}: `, expected, found));
  const result = declared.body['result'] as string | undefined;
  if (result === undefined) return findings;
  return [...findings, ...resultFindings(`${where}.result`, result, told['result'] as Json, proof)];
}

/** Each member, what the proof of the execution has, and what the step says or gave it. */
function members(
  { definition, manifest }: Told,
  given: Json,
  told: JsonObject,
  above: Manifest,
): [string, Json, Json | undefined][] {
  const { context, header } = manifest;
  return [
    ['runbookId', header.runbookId, told['runbookId']],
    ['version', header.version, told['version']],
    ['outcome', header.outcome, told['outcome']],
    ['merkleRoot', header.merkleRoot, told['merkleRoot']],
    ['runbookDigest', context.runbookDigest, told['runbookDigest']],
    ['manifestHash', manifestHash(manifest), told['manifestHash']],
    ['executedBy', header.executedBy, above.header.executedBy],
    ['parametersDigest', context.parametersDigest, digestOf(given)],
    // A purpose that says nothing is none.
    ['purpose', context.purpose, definition?.purpose || above.context.purpose],
  ];
}

function resultFindings(where: string, name: string, told: Json, { manifest, values }: Told): Finding[] {
  const outcome = manifest.steps.find((step) => step.stepId === name)?.outcome;
  if (outcome !== 'done' && outcome !== 'overridden') {
    const message = `expected outputs of the step ${name}, which is ${outcome ?? 'none of its steps'}`;
    return [finding(FAULT.notReproduced, where, message)];
  }
  try {
    const outputs = values.outputs(name);
    return canonicalText(outputs) === canonicalText(told) ? [] : [differs(where, '', outputs, told)];
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return [finding(FAULT.incomplete, where, `not held against the proof: ${error.message}`)];
  }
}

function differs(where: string, member: string, expected: Json, found: Json | undefined): Finding {
  const message = `${member}expected ${got(expected)} as its proof says, got ${got(found)}`;
  return finding(FAULT.notReproduced, where, message);
}
