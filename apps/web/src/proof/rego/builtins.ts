/** The builtins that are evaluated here, each where engines agree on it. */

import { UnavailableError } from '../values.ts';
import { EndlessError, matches } from './backtrack.ts';
import { RegoError } from './syntax.ts';
import { isRegoObject, RegoSet, type Value } from './value.ts';

type Builtin = (...args: Value[]) => Value;

const MOST_ITEMS = 1_000_000;
const HOPELESS_ITEMS = 100_000_000;

const BUILTINS: ReadonlyMap<string, readonly [number, Builtin]> = new Map<string, readonly [number, Builtin]>(
  [
    ['abs', [1, (value) => Math.abs(small(value))]],
    ['array.concat', [2, (left, right) => [...list(left), ...list(right)]]],
    ['concat', [2, (by, items) => list(items).map(text).join(plain(by))]],
    ['contains', [2, (value, part) => plain(value).includes(plain(part))]],
    ['count', [1, count]],
    ['endswith', [2, (value, end) => plain(value).endsWith(plain(end))]],
    ['is_array', [1, (value) => Array.isArray(value)]],
    ['is_boolean', [1, (value) => typeof value === 'boolean']],
    ['is_null', [1, (value) => value === null]],
    ['is_number', [1, (value) => typeof value === 'number']],
    ['is_object', [1, isRegoObject]],
    ['is_set', [1, (value) => value instanceof RegoSet]],
    ['is_string', [1, (value) => typeof value === 'string']],
    ['lower', [1, (value) => plain(value).toLowerCase()]],
    ['numbers.range', [2, range]],
    ['object.get', [3, get]],
    ['object.keys', [1, (value) => new RegoSet(Object.keys(object(value)))]],
    ['regex.match', [2, match]],
    ['split', [2, split]],
    ['startswith', [2, (value, start) => plain(value).startsWith(plain(start))]],
    ['to_number', [1, toNumber]],
    ['upper', [1, (value) => plain(value).toUpperCase()]],
  ],
);

export function isImplemented(name: string): boolean {
  return BUILTINS.has(name);
}

/** The value; throws RegoError where the builtin fails, and UnavailableError where engines differ. */
export function callBuiltin(name: string, args: readonly Value[]): Value {
  const [arity, builtin] = BUILTINS.get(name) as readonly [number, Builtin];
  if (args.length !== arity) throw new UnavailableError(`${name} with ${args.length} arguments`);
  return builtin(...args);
}

function text(value: Value): string {
  if (typeof value !== 'string') throw new RegoError('expected a text');
  return value;
}

/** A text in which every engine counts and finds the same characters. */
function plain(value: Value): string {
  const told = text(value);
  if (!/^[ !#-[\]-~]*$/.test(told))
    throw new UnavailableError('a builtin over a text that is not plain ASCII');
  return told;
}

function small(value: Value): number {
  if (typeof value !== 'number') throw new RegoError('expected a number');
  if (!Number.isSafeInteger(value)) throw new UnavailableError('a builtin over a number that is no integer');
  return value;
}

function list(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  throw value instanceof RegoSet
    ? new UnavailableError('a list made of a set')
    : new RegoError('expected a list');
}

function object(value: Value): Readonly<Record<string, Value>> {
  if (!isRegoObject(value)) throw new RegoError('expected an object');
  return value;
}

function count(value: Value): number {
  if (typeof value === 'string') return plain(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof RegoSet) return value.members.size;
  return Object.keys(object(value)).length;
}

function range(from: Value, to: Value): Value {
  const [first, last] = [small(from), small(to)];
  const size = Math.abs(last - first) + 1;
  if (size > HOPELESS_ITEMS) throw new RegoError('a range that no machine holds');
  if (size > MOST_ITEMS) throw new UnavailableError('a range that a machine may or may not hold');
  return Array.from({ length: size }, (_, at) => (last < first ? first - at : first + at));
}

function get(from: Value, key: Value, fallback: Value): Value {
  let reached: Value | undefined = object(from);
  if (Array.isArray(key) && !key.length) throw new UnavailableError('object.get of no path');
  for (const part of Array.isArray(key) ? (key as readonly Value[]) : [key]) {
    if (typeof part !== 'string') throw new UnavailableError('object.get with a name that is no text');
    reached = reached !== undefined && isRegoObject(reached) ? reached[part] : undefined;
  }
  return reached ?? fallback;
}

function match(pattern: Value, value: Value): boolean {
  try {
    return matches(text(pattern), text(value));
  } catch (error) {
    throw error instanceof EndlessError ? new RegoError(error.message) : error;
  }
}

function split(value: Value, by: Value): Value {
  if (by === '') throw new UnavailableError('a split by nothing');
  return plain(value).split(plain(by));
}

function toNumber(value: Value): Value {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') throw new UnavailableError('to_number of what is no text');
  if (/^-?(?:0|[1-9][0-9]{0,14})$/.test(value) && value !== '-0') return Number(value);
  // The pinned engine takes a text that begins with a number for that number.
  if (/^[A-Za-z_]+$/.test(value) && !/^(?:inf|nan|e)/i.test(value))
    throw new RegoError('to_number of a word');
  throw new UnavailableError('to_number of a text that is no plain integer');
}
