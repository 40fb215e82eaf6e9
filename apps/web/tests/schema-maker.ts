/** Makes JSON Schemas, good and bad ones, and values to hold against them. */

import type { Json } from '../src/proof/json/value.ts';
import type { Chance } from './peer.ts';

export const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  -1,
  1.5,
  '',
  'a',
  'ab',
  'abc',
  'éa',
  '12',
  '2026-01-01',
  [],
  [1],
  [1, 2],
  [1, 1],
  ['a', 1, null],
  [[1], [1]],
  {},
  { a: 1 },
  { a: 'x', b: 2 },
  { b: [1, 2], c: { a: 1 } },
  { a: 1, b: 2, c: 3 },
  { aa: 1 },
  { x1: 1, a: null },
  [{ a: 1 }, { a: 2 }],
  { a: { a: { a: 1 } } },
  '😀',
  'a\n',
];

const TYPES = ['string', 'number', 'integer', 'object', 'array', 'boolean', 'null'];
const PATTERNS = [
  '^a',
  'b',
  '^.$',
  '[0-9]+',
  'a|b',
  '(ab)+',
  '\\d{4}-\\d{2}',
  '^\\w+$',
  'a{2}',
  '(?:a|b)c',
  'a.?c',
  '[^a]',
  '^$',
  '(?=a)',
  '(a)\\1',
  '\\p{L}',
  '[',
  '\\s',
];
const ODD: readonly Json[] = [
  { type: 'strin' },
  { required: 'a' },
  { properties: [] },
  { minimum: 'a' },
  { $ref: 5 },
  { items: [{}] },
  { pattern: 5 },
  { minLength: -1 },
  { minLength: 1.5 },
  { enum: [] },
  { enum: 5 },
  { required: ['a', 'a'] },
  { type: [] },
  { multipleOf: 0 },
  { format: 'email' },
  { title: 5 },
  { allOf: [] },
  { uniqueItems: 'x' },
  { $schema: 'https://json-schema.org/draft/2020-12/schema' },
  { definitions: { a: 5 } },
  { foo: 5 },
  { default: 5, examples: [1] },
  { contentSchema: 5 },
  { then: 5 },
  { minContains: 1 },
  { maxContains: 0 },
  { $anchor: 'a' },
];

/** A schema of at most that depth. */
export function schema(chance: Chance, depth: number): Json {
  const type = (): string => chance.pick(TYPES);
  if (depth <= 0) {
    return chance.pick<Json>([
      { type: type() },
      true,
      false,
      {},
      { const: chance.pick(VALUES) },
      { minimum: chance.below(3) },
      { type: [type(), 'null'] },
    ]);
  }
  const inner = (): Json => schema(chance, depth - 1);
  return chance.pick([...ofObjects(inner), ...ofLists(inner, chance), ...ofAll(inner, chance)])();
}

function ofObjects(inner: () => Json): (() => Json)[] {
  return [
    () => ({ properties: { a: inner(), b: inner() } }),
    () => ({ required: ['a'] }),
    () => ({ additionalProperties: inner(), properties: { a: inner() } }),
    () => ({ patternProperties: { '^a': inner(), '[b-c]': inner() } }),
    () => ({ propertyNames: inner() }),
    () => ({ dependentRequired: { a: ['b'] } }),
    () => ({ dependentSchemas: { a: inner() } }),
    () => ({ unevaluatedProperties: inner(), properties: { a: inner() } }),
    () => ({ allOf: [{ properties: { a: inner() } }, inner()], unevaluatedProperties: false }),
    () => ({ minProperties: 1, maxProperties: 2 }),
    () => ({ properties: { a: { $ref: '#' } }, type: 'object' }),
  ];
}

function ofLists(inner: () => Json, chance: Chance): (() => Json)[] {
  return [
    () => ({ items: inner() }),
    () => ({ prefixItems: [inner(), inner()], items: inner() }),
    () => ({ contains: inner(), minContains: chance.below(3) }),
    () => ({ contains: inner(), maxContains: chance.below(3) }),
    () => ({ unevaluatedItems: inner(), prefixItems: [inner()] }),
    () => ({ anyOf: [{ prefixItems: [inner()] }, { contains: inner() }], unevaluatedItems: false }),
    () => ({ uniqueItems: true }),
    () => ({ minItems: chance.below(3), maxItems: 1 + chance.below(3) }),
  ];
}

function ofAll(inner: () => Json, chance: Chance): (() => Json)[] {
  return [
    () => ({ type: chance.pick(TYPES) }),
    () => ({ anyOf: [inner(), inner()] }),
    () => ({ oneOf: [inner(), inner()] }),
    () => ({ allOf: [inner(), inner()] }),
    () => ({ not: inner() }),
    () => ({ if: inner(), then: inner(), else: inner() }),
    () => ({ pattern: chance.pick(PATTERNS) }),
    () => ({ minimum: chance.below(3), exclusiveMaximum: chance.below(4) }),
    () => ({ multipleOf: chance.pick([1, 2, 0.5, 3]) }),
    () => ({ $defs: { d: inner() }, items: { $ref: '#/$defs/d' } }),
    () => ({ $defs: { d: inner() }, $ref: chance.pick(['#/$defs/d', '#/$defs/e']) }),
    () => chance.pick(ODD),
  ];
}
