/** What data hold that engines of JSONata treat in different ways. */

import type { Json } from '../json/value.ts';

/** A null somewhere. */
export const HAS_NULL = 1;
/** A member name that looks like an index: JavaScript puts such names first. */
export const HAS_INDEX_NAME = 2;
/** A character beyond U+FFFF: texts with one have another order by code units than by code points. */
export const HAS_ASTRAL = 4;
/** A text that is a number to some: with blanks around it, or spelled as JSON does not. */
export const HAS_ODD_NUMBER = 8;

const INDEX = /^(?:0|[1-9][0-9]*)$/;
const SURROGATE = /[\ud800-\udfff]/;

const KNOWN = new WeakMap<object, number>();

function isOddNumber(text: string): boolean {
  return (
    /^\s*[-+.0-9]/.test(text) &&
    text.length < 400 &&
    !/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(text)
  );
}

/** The traits of a value, as bits; those of a container are found once. */
export function traitsOf(value: Json): number {
  if (value === null) return HAS_NULL;
  if (typeof value === 'string')
    return (SURROGATE.test(value) ? HAS_ASTRAL : 0) | (isOddNumber(value) ? HAS_ODD_NUMBER : 0);
  if (typeof value !== 'object') return 0;
  let traits = KNOWN.get(value);
  if (traits === undefined) {
    traits = 0;
    for (const [name, item] of Object.entries(value)) {
      traits |= traitsOf(item);
      if (!Array.isArray(value)) traits |= (INDEX.test(name) ? HAS_INDEX_NAME : 0) | traitsOf(name);
    }
    KNOWN.set(value, traits);
  }
  return traits;
}
