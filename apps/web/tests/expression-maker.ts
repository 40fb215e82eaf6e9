/** Makes expressions over data that have a bit of everything. */

import type { Chance } from './peer.ts';

export const DATA = {
  parameters: {
    big: 9007199254740991,
    empty: [],
    es: '',
    f: 0.1,
    limit: 3,
    mixed: [1, 'a', true, { a: 1 }],
    name: 'Ann "x"',
    neg: -2.5,
    nested: [[1, 2], [3]],
    one: [5],
    t: true,
  },
  steps: {
    'a b': { c: 1 },
    fetch: [
      { at: '2026-01-01T00:00:00Z', id: 'e1', kind: 'a', size: 3, tags: ['x', 'y'] },
      { id: 'e2', kind: 'b', size: 1, tags: [] },
      { id: 'e3', kind: 'a', size: 2.5 },
    ],
    q: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }], sum: 6 },
  },
};

const ATOMS = [
  'parameters.limit',
  'parameters.name',
  'parameters.f',
  'parameters.neg',
  'parameters.t',
  'parameters.empty',
  'parameters.es',
  'parameters.one',
  'parameters.nested',
  'parameters.mixed',
  'parameters.nope',
  'parameters.big',
  'parameters.one[0]',
  'steps.fetch',
  'steps.fetch.id',
  'steps.fetch.size',
  'steps.fetch.tags',
  'steps.fetch[0]',
  'steps.fetch[-1].id',
  'steps.fetch[kind="a"]',
  'steps.fetch[size>2].id',
  'steps.fetch[tags].id',
  'steps.fetch[kind="a" and size>1]',
  'steps.fetch.(id & kind)',
  'steps.fetch[]',
  'steps.fetch.at',
  'steps.q.rows.n',
  'steps.q',
  'steps.`a b`.c',
  'steps.*',
  'steps.q.rows[0]',
  '$',
  '$$',
  '1',
  '2',
  '0',
  '-1',
  '0.5',
  '3.7',
  '1e3',
  '123456789012',
  '"a"',
  '"abc"',
  '""',
  '"a,b,c"',
  '"é"',
  '"a b  c"',
  'true',
  'false',
  'null',
  '[]',
  '[1,2,3]',
  '[1..4]',
  '{}',
  '{"a":1,"b":[1,2]}',
  '["b","a"]',
  '[2,1,2]',
  '[[1]]',
];
const ONE = [
  '$sum',
  '$count',
  '$max',
  '$min',
  '$average',
  '$string',
  '$boolean',
  '$not',
  '$abs',
  '$floor',
  '$ceil',
  '$round',
  '$sqrt',
  '$length',
  '$uppercase',
  '$lowercase',
  '$trim',
  '$reverse',
  '$distinct',
  '$keys',
  '$type',
  '$merge',
  '$sort',
  '$append',
  '$join',
  '$zip',
];
const TWO = [
  '$append',
  '$split',
  '$join',
  '$contains',
  '$substring',
  '$substringBefore',
  '$substringAfter',
  '$pad',
  '$power',
  '$lookup',
  '$zip',
];
const OPERATORS = ['+', '-', '*', '/', '=', '!=', '<', '>', '<=', '>=', '&', 'and', 'or', 'in'];

/** An expression of at most that depth. */
export function expression(chance: Chance, depth: number): string {
  const kind = chance.below(20);
  if (depth <= 0 || kind < 5) return chance.pick(ATOMS);
  const inner = (): string => expression(chance, depth - 1);
  if (kind < 9) return `(${inner()} ${chance.pick(OPERATORS)} ${inner()})`;
  if (kind < 12) return `${chance.pick(ONE)}(${inner()})`;
  if (kind < 14) return `${chance.pick(TWO)}(${inner()}, ${inner()})`;
  if (kind < 15) return `(${inner()} ? ${inner()} : ${inner()})`;
  if (kind < 16) return `[${inner()}, ${inner()}]`;
  if (kind < 17) return `{"k": ${inner()}, "l": ${inner()}}`;
  return chance.pick(shapes(inner, chance))();
}

function shapes(inner: () => string, chance: Chance): (() => string)[] {
  return [
    () =>
      `$map(${inner()}, function($v, $i){ ${chance.pick(['$v', '$i', '$v & ""', '{"v":$v}', '$v + 1'])} })`,
    () => `$filter(${inner()}, function($v){ ${chance.pick(['$v > 1', 'true'])} })`,
    () => `$reduce(${inner()}, function($a, $b){ $a & $b })`,
    () => `${inner()}[0]`,
    () => `${inner()}.id`,
    () => `steps.fetch{kind: $sum(size)}`,
    () => `${inner()}{kind: size}`,
    () => `steps.fetch^(size).id`,
    () => `steps.fetch^(>size, id)`,
    () => `($x := ${inner()}; $x)`,
    () => `${inner()}.*`,
    () => `$replace(${inner()}, "a", "b")`,
    () => `$replace(${inner()}, /[a-c]/, "z")`,
    () => `-${inner()}`,
    () => `${inner()}.(size * 2)`,
    () => `${inner()}.{"i": id}`,
  ];
}
