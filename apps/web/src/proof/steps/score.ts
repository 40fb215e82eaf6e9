/** `score`: rows with a confidence each, by a pinned model, operation by operation (spec/models.md). */

import { isObject, objectOf, type Json, type JsonObject } from '../json/value.ts';
import {
  array,
  closed,
  digestText,
  identifier,
  integer,
  number,
  oneOf,
  open,
  ShapeError,
  text,
  type Checker,
} from '../shape/shapes.ts';
import { UnavailableError } from '../values.ts';
import { NotReproducedError, type StepKind } from './kind.ts';

interface Feature {
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
  readonly weight: number;
}

/** A model document. */
export interface Model {
  readonly modelId: string;
  readonly features: readonly Feature[];
  readonly intercept: number;
  readonly output: string;
  readonly decimals: number;
}

const positive: Checker = (value) => {
  number(value);
  if ((value as number) <= 0) throw new ShapeError('expected a number above 0');
};

const DOCUMENT = closed(
  {
    pcq: oneOf('model/v1'),
    modelId: identifier,
    kind: oneOf('logistic'),
    features: array(closed({ name: text(1, 128), mean: number, scale: positive, weight: number }), 1, 1000),
    intercept: number,
    output: text(1, 128),
    decimals: integer(1, 9),
  },
  { description: text(), trainedOn: digestText },
);

/** Throws ShapeError where `value` is no model document. */
export const checkModel: Checker = (value) => {
  DOCUMENT(value);
  const { features, output } = value as unknown as Model;
  const names = features.map((feature) => feature.name);
  if (new Set(names).size !== names.length) throw new ShapeError('two features have one name');
  if (names.includes(output)) throw new ShapeError("the output has a feature's name");
};

export const score: StepKind = {
  shape: open({ model: identifier }, { digest: digestText }),
  compute(rows, { declared, models }) {
    const name = declared.body['model'] as string;
    const known = models.get(name);
    if (!known) throw new UnavailableError(`the model ${name} is missing`);
    if (!Array.isArray(rows)) throw new NotReproducedError('a score needs a list of rows');
    const { digest, model } = known;
    return Promise.resolve({ model: digest, rows: rows.map((row, index) => scored(model, row, index)) });
  },
};

/** The row with the model's output; throws NotReproducedError. */
export function scored(model: Model, row: Json, index: number): JsonObject {
  if (!isObject(row) || model.output in row) {
    throw new NotReproducedError(`row ${index} is no object without ${JSON.stringify(model.output)}`);
  }
  return objectOf([...Object.entries(row), [model.output, confidence(model, row, index)]]);
}

// Every line of arithmetic is one of the spec's; rewriting a line, even to what is equal on paper, may change a last bit.
function confidence(model: Model, row: JsonObject, index: number): number {
  let z = model.intercept;
  for (const { mean, name, scale, weight } of model.features) {
    const value = row[name];
    if (typeof value !== 'number')
      throw new NotReproducedError(`row ${index}: ${JSON.stringify(name)} is no number`);
    z = z + weight * ((value - mean) / scale);
  }
  if (!Number.isFinite(z)) throw new NotReproducedError(`row ${index}: the sum is not finite`);
  const e = expOfMinus(Math.min(Math.abs(z), 40));
  const p = z >= 0 ? 1 / (1 + e) : e / (1 + e);
  const power = 10 ** model.decimals;
  return Math.floor(p * power + 0.5) / power;
}

const INVERSE_FACTORIALS = inverseFactorials();

function inverseFactorials(): number[] {
  const found = [1];
  let factorial = 1;
  for (let n = 1; n < 14; n++) {
    factorial *= n;
    found.push(1 / factorial);
  }
  return found;
}

/** E(y), for y from 0 to 40. */
export function expOfMinus(y: number): number {
  const k = Math.floor(y * 1.4426950408889634 + 0.5);
  const r = y - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  const minusR = 0 - r;
  let h = INVERSE_FACTORIALS[13] as number;
  for (let n = 12; n >= 0; n--) h = h * minusR + (INVERSE_FACTORIALS[n] as number);
  // A power of two is exact: nothing here comes near the smallest numbers.
  return h * 2 ** -k;
}
