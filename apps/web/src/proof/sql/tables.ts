/** The tables that a step's inputs are (spec/execution.md, 3.1). */

import { EvaluationError } from '../expressions/errors.ts';
import { canonicalText } from '../json/canonical.ts';
import { isObject, type Json, type JsonObject } from '../json/value.ts';
import { UnavailableError } from '../values.ts';
import { isOfTheCatalog } from './allowed.ts';
import { folded } from './syntax.ts';
import { BIGINT, BOOLEAN, DOUBLE, JSON_TYPE, VARCHAR, type Row, type Type, type Value } from './types.ts';

export interface Table {
  readonly names: readonly string[];
  readonly types: readonly Type[];
  readonly rows: readonly Row[];
}

export type Declared = Readonly<Record<string, Readonly<Record<string, string>>>>;

const MAX_COLUMNS = 1_000;
const TYPES: Readonly<Record<string, Type>> = { BIGINT, BOOLEAN, DOUBLE, JSON: JSON_TYPE, VARCHAR };
// Names of the engine's own catalogs and schemas.
const ITS_OWN = ['main', 'memory', 'system', 'temp', 'information_schema'];

/** The tables by their names; throws EvaluationError where the inputs are none. */
export function tablesOf(inputs: Json, declared: Declared): Map<string, Table> {
  const named = Array.isArray(inputs) ? { input: inputs } : inputs;
  if (!isObject(named)) throw new EvaluationError('the inputs are neither a list nor an object');
  for (const [name, rows] of Object.entries(named)) {
    if (!Array.isArray(rows) || !rows.every(isObject)) {
      throw new EvaluationError(`${JSON.stringify(name)} is no list of objects`);
    }
  }
  if (!Object.keys(declared).every((name) => name in named)) {
    throw new EvaluationError('columns are declared of a table that is not there');
  }
  checkNames(Object.keys(named));
  const found = new Map<string, Table>();
  for (const name of Object.keys(named).sort()) {
    found.set(
      name,
      table(named[name] as JsonObject[], Object.hasOwn(declared, name) ? (declared[name] ?? {}) : {}),
    );
  }
  for (const name of found.keys()) {
    if (isOfTheCatalog(name) || ITS_OWN.includes(folded(name))) {
      throw new UnavailableError(`a table with the name ${name}`);
    }
  }
  return found;
}

/** Throws EvaluationError where a name is empty, has a NUL, or is another one in other case. */
export function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!name || name.includes('\0') || seen.has(folded(name))) {
      throw new EvaluationError(`the name ${JSON.stringify(name)} is empty, has a NUL, or occurs twice`);
    }
    seen.add(folded(name));
  }
}

function table(rows: readonly JsonObject[], declared: Readonly<Record<string, string>>): Table {
  const all = new Set(Object.keys(declared));
  for (const row of rows) for (const name of Object.keys(row)) all.add(name);
  const names = [...all].sort();
  if (names.length < 1 || names.length > MAX_COLUMNS) {
    throw new EvaluationError(`${names.length} columns, expected 1 to ${MAX_COLUMNS}`);
  }
  checkNames(names);
  const types = names.map((name) => {
    const own = Object.hasOwn(declared, name) ? declared[name] : undefined;
    return own ?? typeOf(rows, name);
  });
  const made = rows.map((row) => names.map((name, at) => entry(row[name] ?? null, types[at] as string)));
  return { names, types: types.map((name) => TYPES[name] as Type), rows: made };
}

function typeOf(rows: readonly JsonObject[], name: string): string {
  const found = new Set<string>();
  for (const row of rows) {
    const value = row[name] ?? null;
    if (value !== null) found.add(typeOfOne(value));
  }
  if (found.has('DOUBLE')) found.delete('BIGINT');
  const [first] = found;
  return first === undefined ? 'VARCHAR' : found.size === 1 ? first : 'JSON';
}

function typeOfOne(value: Json): string {
  switch (typeof value) {
    case 'boolean':
      return 'BOOLEAN';
    case 'number':
      return Number.isInteger(value) ? 'BIGINT' : 'DOUBLE';
    case 'string':
      return 'VARCHAR';
    default:
      return 'JSON';
  }
}

function entry(value: Json, type: string): Value {
  if (value === null) return null;
  if (type === 'JSON') return canonicalText(value);
  const own = typeOfOne(value);
  if (own !== type && !(own === 'BIGINT' && type === 'DOUBLE')) {
    throw new EvaluationError(`a value of type ${own} in a column of type ${type}`);
  }
  if (type === 'BIGINT') return BigInt(value as number);
  // Not every function of the engine goes on behind one.
  if (typeof value === 'string' && value.includes('\0')) throw new UnavailableError('a text with a NUL');
  return value as Value;
}
