/** A schema that was looked through: every keyword has its shape, every reference a place, every pattern a matcher. */

import { follow } from '../json/pointer.ts';
import { isInteger, isObject, type Json, type JsonObject } from '../json/value.ts';
import { UnavailableError } from '../values.ts';
import { compilePattern, type Matcher } from './patterns.ts';

/** The schema is none, a reference leads nowhere, or a pattern cannot be used. */
export class UnusableError extends Error {
  override name = 'UnusableError';
}

export type Schema = boolean | JsonObject;

export interface Described {
  readonly root: Schema;
  /** The schema that each `$ref` (and `$dynamicRef`, which is one here) leads to. */
  readonly targets: ReadonlyMap<string, Schema>;
  readonly patterns: ReadonlyMap<string, Matcher>;
}

const ONE = [
  'not',
  'if',
  'then',
  'else',
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', '$defs', 'dependentSchemas', 'definitions'];
const COUNTS = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
];
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
const TEXTS = ['title', 'description', '$comment', 'format', 'contentEncoding', 'contentMediaType'];
const FLAGS = ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'];
const TYPES = new Set<Json>(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);
// Keywords that change what references mean, or that drafts and engines read differently.
const UNREAD = [
  '$id',
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
  'id',
  'dependencies',
  'additionalItems',
];

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** The schema; throws UnusableError, and UnavailableError for what is not applied here. */
export function describe(root: JsonObject): Described {
  const described = { root, targets: new Map<string, Schema>(), patterns: new Map<string, Matcher>() };
  const waiting: Json[] = [root];
  const seen = new Set<Json>();
  for (let schema = waiting.pop(); schema !== undefined; schema = waiting.pop()) {
    if (seen.has(schema)) continue;
    seen.add(schema);
    if (typeof schema === 'boolean') continue;
    if (!isObject(schema)) throw new UnusableError('a schema is neither an object nor true or false');
    waiting.push(...inner(schema, described));
  }
  return described;
}

/** The schemas in a schema, and those that it refers to. */
function inner(
  schema: JsonObject,
  described: { root: JsonObject; targets: Map<string, Schema>; patterns: Map<string, Matcher> },
): Json[] {
  const unread = UNREAD.find((name) => name in schema);
  if (unread !== undefined) throw new UnavailableError(`the keyword ${unread} is not applied here`);
  if ('$schema' in schema && schema['$schema'] !== DIALECT)
    throw new UnavailableError('another dialect of JSON Schema');
  checkKeywords(schema);
  const found: Json[] = ONE.flatMap((name) => (name in schema ? [schema[name] as Json] : []));
  for (const name of LISTS) if (name in schema) found.push(...listOf(schema[name] as Json, name));
  for (const name of MAPS)
    if (name in schema) found.push(...Object.values(mapOf(schema[name] as Json, name)));
  const texts = Object.keys((schema['patternProperties'] ?? {}) as JsonObject);
  if (typeof schema['pattern'] === 'string') texts.push(schema['pattern']);
  for (const text of texts) described.patterns.set(text, described.patterns.get(text) ?? compile(text));
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = targetOf(reference, described.root);
    described.targets.set(reference, target as Schema);
    found.push(target);
  }
  return found;
}

function compile(text: string): Matcher {
  const matcher = compilePattern(text);
  if (matcher === null) throw new UnusableError(`the pattern ${JSON.stringify(text)} cannot be used`);
  return matcher;
}

function targetOf(reference: string, root: JsonObject): Json {
  if (reference !== '#' && !reference.startsWith('#/')) {
    throw new UnusableError(`the reference ${JSON.stringify(reference)} leads nowhere`);
  }
  let pointer: string;
  try {
    pointer = decodeURIComponent(reference.slice(1));
  } catch {
    throw new UnavailableError('a reference with a strange escape');
  }
  const target = follow(root, pointer);
  if (target === undefined)
    throw new UnusableError(`the reference ${JSON.stringify(reference)} leads nowhere`);
  return target;
}

function checkKeywords(schema: JsonObject): void {
  const must = (isGood: boolean, name: string): void => {
    if (!isGood) throw new UnusableError(`the keyword ${name} has another shape`);
  };
  for (const [name, value] of Object.entries(schema)) {
    if (COUNTS.includes(name)) must(isInteger(value) && value >= 0, name);
    else if (NUMBERS.includes(name)) must(typeof value === 'number', name);
    else if (TEXTS.includes(name)) must(typeof value === 'string', name);
    else if (FLAGS.includes(name)) must(typeof value === 'boolean', name);
    else if (name === 'multipleOf') must(typeof value === 'number' && value > 0, name);
    else if (name === '$ref' || name === 'pattern') must(typeof value === 'string', name);
    else if (name === 'enum' || name === 'examples') must(Array.isArray(value), name);
    else if (name === 'required') must(isNames(value), name);
    else if (name === 'type') must(isTypes(value), name);
    else if (name === 'dependentRequired') must(Object.values(mapOf(value, name)).every(isNames), name);
  }
}

function isNames(value: Json): boolean {
  return (
    Array.isArray(value) &&
    value.every((item) => typeof item === 'string') &&
    new Set(value).size === value.length
  );
}

function isTypes(value: Json): boolean {
  if (!Array.isArray(value)) return TYPES.has(value);
  return value.length > 0 && value.every((item) => TYPES.has(item)) && new Set(value).size === value.length;
}

function listOf(value: Json, name: string): Json[] {
  if (!Array.isArray(value) || !value.length)
    throw new UnusableError(`the keyword ${name} is no list of schemas`);
  return value;
}

function mapOf(value: Json, name: string): JsonObject {
  if (!isObject(value)) throw new UnusableError(`the keyword ${name} is no object`);
  return value;
}
