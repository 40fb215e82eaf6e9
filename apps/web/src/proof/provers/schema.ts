/** `schema`: a value of the outputs against a JSON Schema (spec/provers.md, 10). */

import { digestOf } from '../encoding.ts';
import { byBytes, type Json, type JsonObject } from '../json/value.ts';
import { isLocal } from '../schema/local.ts';
import { anyValue, mapping } from '../shape/shapes.ts';
import { claimOf, judgement, POINTER, pointerOf, valueAt, type Prover } from './prover.ts';

const MOST_ERRORS = 10;

export const schema: Prover = {
  phase: 'postconditions',
  claim: claimOf({ schema: mapping(anyValue) }, POINTER),
  judge(claim, scope, recorded) {
    const wanted = claim['schema'] as JsonObject;
    const value = valueAt(claim, scope);
    const valid = value === undefined || !isLocal(wanted) ? null : scope.engines.conforms(wanted, value);
    const evidence = {
      pointer: pointerOf(claim),
      schema: digestOf(wanted),
      valid,
      // Which errors are named depends on the engine; only that there are some does not.
      errors: valid === false ? errorsOf(recorded['errors']) : [],
    };
    if (value === undefined) return judgement('error', 'schema.no_value', evidence);
    if (valid === null) return judgement('error', 'schema.unusable', evidence);
    return valid
      ? judgement('pass', 'schema.valid', evidence)
      : judgement('fail', 'schema.invalid', evidence);
  },
};

/** The recorded list when it has the form of one; else a list that differs from it. */
function errorsOf(recorded: Json | undefined): string[] {
  if (!Array.isArray(recorded) || !recorded.length || recorded.length > MOST_ERRORS) return [''];
  const texts = recorded.filter((item) => typeof item === 'string');
  const isOrdered = texts.every((item, at) => at === 0 || byBytes(texts[at - 1] as string, item) < 0);
  return texts.length === recorded.length && isOrdered ? texts : [''];
}
