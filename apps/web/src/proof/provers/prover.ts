/** What a judge sees and what it says (spec/provers.md, 1). A new kind is a file of its own and a line in `kinds.ts`. */

import type { Engines } from '../engines.ts';
import { follow } from '../json/pointer.ts';
import { isObject, type Json, type JsonObject } from '../json/value.ts';
import type { Registry } from '../licences/registry.ts';
import type { Manifest, Phase, Step } from '../manifest.ts';
import type { Reviews } from '../reviews/review.ts';
import { oneOf, open, ShapeError, text, type Checker, type Table } from '../shape/shapes.ts';
import type { Values } from '../values.ts';

/** Result, reason code and the evidence that must have been recorded. */
export interface Judgement {
  readonly result: 'pass' | 'fail' | 'error';
  readonly reason: string;
  readonly evidence: JsonObject;
}

/** One step of one manifest; `licences` and `parameters` are null when their bytes are not there. */
export interface Scope {
  readonly manifest: Manifest;
  readonly step: Step;
  readonly values: Values;
  readonly licences: Registry | null;
  readonly parameters: JsonObject | null;
  readonly engines: Engines;
  readonly reviews: Reviews;
  readonly prover: string;
}

/** A kind of prover. `needsEvidence` says that the judge reads the recorded evidence, which may be redacted. */
export interface Prover {
  readonly phase: Phase;
  readonly claim: Checker;
  readonly needsEvidence?: boolean;
  /** From the claim and what is recorded; throws UnavailableError. */
  readonly judge: (claim: JsonObject, scope: Scope, recorded: JsonObject) => Judgement | Promise<Judgement>;
}

export function judgement(result: Judgement['result'], reason: string, evidence: JsonObject): Judgement {
  return { result, reason, evidence };
}

/** A claim with these members, and any that no judge reads. */
export function claimOf(members: Table, optional: Table = {}): Checker {
  return open(members, { severity: oneOf('block', 'warn'), ...optional });
}

/** What `shape` takes, with at least one of `names`. */
export function withOneOf(names: readonly string[], shape: Checker): Checker {
  return (value) => {
    shape(value);
    if (!names.some((name) => name in (value as JsonObject))) {
      throw new ShapeError(`expected at least one of ${names.join(', ')}`);
    }
  };
}

export const POINTER: Table = { pointer: text() };

/** The claim's pointer, or the one to the whole. */
export function pointerOf(claim: JsonObject): string {
  return (claim['pointer'] ?? '') as string;
}

/** The value of the step's outputs that the claim points at, or undefined; throws UnavailableError. */
export function valueAt(claim: JsonObject, scope: Scope): Json | undefined {
  return follow(scope.values.outputs(scope.step.stepId), pointerOf(claim));
}

/** The list of objects there, or null when it is not that; throws UnavailableError. */
export function rowsAt(claim: JsonObject, scope: Scope): JsonObject[] | null {
  const value = valueAt(claim, scope);
  return Array.isArray(value) && value.every(isObject) ? value : null;
}
