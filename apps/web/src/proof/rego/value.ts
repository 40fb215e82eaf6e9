/** Values of Rego: JSON and sets. */

import { canonicalText } from '../json/canonical.ts';
import { emptyObject, type Json } from '../json/value.ts';
import { UnavailableError } from '../values.ts';

export type Value = null | boolean | number | string | readonly Value[] | RegoObject | RegoSet;

export interface RegoObject {
  readonly [name: string]: Value;
}

/** A set; members by their spelling. */
export class RegoSet {
  readonly members: ReadonlyMap<string, Value>;

  constructor(values: Iterable<Value>) {
    this.members = new Map([...values].map((value) => [spelling(value), value]));
  }
}

export function isRegoObject(value: Value): value is RegoObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegoSet);
}

/** An object of these members; names that are no texts, or one name with two values, are not evaluated here. */
export function regoObject(members: Iterable<readonly [Value, Value]>): RegoObject {
  const made = emptyObject() as Record<string, Value>;
  for (const [name, value] of members) {
    if (typeof name !== 'string') throw new UnavailableError('an object with names that are no texts');
    const known = made[name];
    if (known !== undefined && !equal(known, value))
      throw new UnavailableError('an object with two values of a name');
    made[name] = value;
  }
  return made;
}

/** A text that is the same for equal values and for no others. */
export function spelling(value: Value): string {
  if (value instanceof RegoSet) return `<${[...value.members.keys()].sort().join(',')}>`;
  if (Array.isArray(value)) return `[${value.map(spelling).join(',')}]`;
  if (!isRegoObject(value)) return canonicalText(value as Json);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonicalText(name)}:${spelling(value[name] as Value)}`).join(',')}}`;
}

export function equal(left: Value, right: Value): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  return spelling(left) === spelling(right);
}
