/**
 * The definition as far as a verifier needs it (spec/execution.md). Members that no check reads are let be: what a
 * service accepts for a title or a time limit proves nothing here.
 */

import { CLAIMS, type Claims } from './claims.ts';
import type { Phase } from './manifest.ts';
import { byBytes, type Json, type JsonObject } from './json/value.ts';
import { REVIEW } from './reviews/needs.ts';
import {
  array,
  identifier,
  mapping,
  nullable,
  open,
  ShapeError,
  text,
  type Checker,
} from './shape/shapes.ts';
import { stepKind } from './steps/kinds.ts';

const NAMES = array(identifier);
const EXPRESSIONS = mapping(text());

const inputs: Checker = (value) => {
  if (typeof value !== 'string') EXPRESSIONS(value);
};

const STEP = open(
  { stepId: identifier, type: text() },
  {
    dependsOn: NAMES,
    preconditions: NAMES,
    postconditions: NAMES,
    inputs,
    when: text(),
    forEach: text(),
    review: open({}, REVIEW),
  },
);

const step: Checker = (value) => {
  STEP(value);
  stepKind((value as JsonObject)['type'] as string)?.shape(value);
};

const DEFINITION = open(
  { runbookId: identifier, version: text(), steps: array(step, 1) },
  { provers: CLAIMS, review: open({}, REVIEW), purpose: nullable(text()) },
);

/** One step: its kind, its dependencies with the default filled in, sorted by UTF-8 bytes, and its body. */
export interface StepDefinition {
  readonly stepId: string;
  readonly kind: string;
  readonly dependsOn: readonly string[];
  readonly body: JsonObject;
  readonly provers: Readonly<Record<Phase, readonly string[]>>;
}

export interface Definition {
  readonly runbookId: string;
  readonly version: string;
  readonly purpose: string | null;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly provers: Claims;
  readonly review: JsonObject;
}

/** The models that score steps use, each with the digests that they pin it to. */
export function modelsOf(definition: Definition): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { body, kind } of definition.steps.values()) {
    if (kind !== 'score') continue;
    const name = body['model'] as string;
    const pinned = found.get(name) ?? new Set();
    if (typeof body['digest'] === 'string') pinned.add(body['digest']);
    found.set(name, pinned);
  }
  return found;
}

/** Throws ShapeError where `value` is no definition that a verifier can follow. */
export const checkDefinition: Checker = (value) => {
  DEFINITION(value);
  const names = ((value as JsonObject)['steps'] as JsonObject[]).map((item) => item['stepId'] as Json);
  if (new Set(names).size !== names.length) throw new ShapeError('a stepId occurs twice');
};

/** The definition of a value that `checkDefinition` accepts. */
export function readDefinition(value: JsonObject): Definition {
  const steps = new Map<string, StepDefinition>();
  let previous: string[] = [];
  for (const body of value['steps'] as JsonObject[]) {
    const stepId = body['stepId'] as string;
    const dependsOn = ((body['dependsOn'] ?? previous) as string[]).toSorted(byBytes);
    const provers = {
      preconditions: (body['preconditions'] ?? []) as string[],
      postconditions: (body['postconditions'] ?? []) as string[],
    };
    steps.set(stepId, { stepId, kind: body['type'] as string, dependsOn, body, provers });
    previous = [stepId];
  }
  return {
    runbookId: value['runbookId'] as string,
    version: value['version'] as string,
    purpose: (value['purpose'] ?? null) as string | null,
    steps,
    provers: (value['provers'] ?? {}) as Claims,
    review: (value['review'] ?? {}) as JsonObject,
  };
}
