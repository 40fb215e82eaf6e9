/** Which JSON Schemas refer to nothing outside themselves (spec/provers.md, 10). */

import { isObject, type Json } from '../json/value.ts';

/** Every `$ref` and `$dynamicRef` that is a string begins with `#`. */
export function isLocal(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isLocal);
  if (!isObject(value)) return true;
  const references = [value['$ref'], value['$dynamicRef']];
  if (references.some((item) => typeof item === 'string' && !item.startsWith('#'))) return false;
  return Object.values(value).every(isLocal);
}
