/** JSON Schema 2020-12 over one value, with references into the schema only (spec/provers.md, 10). */

import type { Json, JsonObject } from '../json/value.ts';
import { UnavailableError } from '../values.ts';
import { describe, UnusableError } from './describe.ts';
import { Validator } from './validator.ts';

/** Whether `value` is valid, null when the schema cannot be used; throws UnavailableError where engines may differ. */
export function conforms(schema: JsonObject, value: Json): boolean | null {
  try {
    return new Validator(describe(schema)).isValid(value);
  } catch (error) {
    if (error instanceof UnusableError) return null;
    if (error instanceof RangeError)
      throw new UnavailableError('the schema does not end, or is nested too deeply');
    throw error;
  }
}
