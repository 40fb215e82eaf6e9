/** Looking into collections of Rego. */

import { UnavailableError } from '../values.ts';
import { isRegoObject, RegoSet, spelling, type Value } from './value.ts';

export function pairs(parts: readonly Value[]): [Value, Value][] {
  const found: [Value, Value][] = [];
  for (let at = 0; at < parts.length; at += 2) found.push([parts[at] as Value, parts[at + 1] as Value]);
  return found;
}

export function isContainer(value: Value): boolean {
  return typeof value === 'object' && value !== null;
}

/** Keys and items of a list, an object or a set. */
export function entries(value: Value): [Value, Value][] {
  if (Array.isArray(value)) return value.map((item: Value, at): [Value, Value] => [at, item]);
  if (value instanceof RegoSet) return [...value.members.values()].map((item) => [item, item]);
  if (isRegoObject(value)) return Object.entries(value);
  if (typeof value === 'string') throw new UnavailableError('a text as a collection');
  return [];
}

export function member(value: Value, key: Value): Value | undefined {
  if (Array.isArray(value)) return typeof key === 'number' ? (value[key] as Value | undefined) : undefined;
  if (value instanceof RegoSet) return value.members.get(spelling(key));
  if (isRegoObject(value)) return typeof key === 'string' ? value[key] : undefined;
  if (typeof value === 'string' && typeof key === 'number') throw new UnavailableError('a text as a list');
  return undefined;
}
