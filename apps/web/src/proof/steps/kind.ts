/** What a kind of step is to a verifier. A new kind is a file of its own and a line in `kinds.ts`. */

import type { StepDefinition } from '../definition.ts';
import type { Engines } from '../engines.ts';
import type { Family } from '../family.ts';
import type { Json, JsonObject } from '../json/value.ts';
import type { Manifest, Step } from '../manifest.ts';
import type { Finding } from '../report.ts';
import type { Reviews } from '../reviews/review.ts';
import type { Checker } from '../shape/shapes.ts';
import type { Values } from '../values.ts';
import type { Model } from './score.ts';

/** The models that the context pins, by name. */
export type Models = ReadonlyMap<string, { readonly digest: string; readonly model: Model }>;

/** One recorded step, what declares it, and what it may look at. */
export interface Recorded {
  readonly manifest: Manifest;
  readonly step: Step;
  readonly declared: StepDefinition;
  readonly parameters: JsonObject | null;
  readonly values: Values;
  readonly engines: Engines;
  readonly reviews: Reviews;
  readonly models: Models;
  readonly family: Family;
}

export interface StepKind {
  /** The members that a definition of this kind must have. */
  readonly shape: Checker;
  /** The outputs that follow from inputs (with `forEach`, those of one item); throws EvaluationError, NotReproducedError. */
  readonly compute?: (inputs: Json, recorded: Recorded) => Promise<Json>;
  /** The outputs that follow from what else is recorded; throws UnavailableError and those of `compute`. */
  readonly derive?: (recorded: Recorded) => Promise<Json>;
  /** Why recorded outputs cannot be those of the step, or empty; throws UnavailableError. */
  readonly objection?: (recorded: Recorded) => string;
  /** What is wrong with recorded outputs that nothing here computes, fault by fault; throws UnavailableError. */
  readonly faults?: (recorded: Recorded) => Promise<Finding[]>;
  /** Why a step of this kind cannot have failed as it is recorded, or empty; throws UnavailableError. */
  readonly failure?: (recorded: Recorded) => Promise<string>;
}

/** What was recorded cannot have come from this definition. */
export class NotReproducedError extends Error {
  override name = 'NotReproducedError';
}
