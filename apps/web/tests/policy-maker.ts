/** Makes policies of the constructs that are evaluated here, data for them, and questions to them. */

import type { Chance } from './peer.ts';

export const BUNDLE_DATA = {
  xs: [1, 2, 3],
  names: ['a', 'b'],
  m: { a: 1, b: [1, 2], c: { d: 'a' } },
  t: true,
  f: false,
  n: null,
  roles: { u1: ['r1', 'r2'], u2: [] },
  grants: { r1: [{ action: 'read', type: 'x' }], r2: [{ action: 'write', type: 'y' }] },
};

const WHOLE = {
  id: 'u1',
  action: 'read',
  type: 'x',
  n: 3,
  tags: ['a', 'z'],
  o: { k: 1 },
  flag: true,
  nul: null,
};

export const ASKED = [
  WHOLE,
  { ...WHOLE, id: 'u2', flag: false, tags: [] },
  { id: 'u1', action: 'write', type: 'y' },
  {},
];

const VALUES = [
  'input.id',
  'input.action',
  'input.n',
  'input.tags',
  'input.o.k',
  'input.flag',
  'input.nul',
  'input.nope',
  'data.xs',
  'data.names',
  'data.m.a',
  'data.m.b',
  'data.m.c.d',
  'data.t',
  'data.n',
  'data.roles[input.id]',
  '1',
  '2',
  '3',
  '"a"',
  '"u1"',
  '"read"',
  'true',
  'null',
  'input.tags[0]',
  'data.xs[1]',
  'count(data.xs)',
  'count(input.tags)',
  'helper',
];

const LITERALS = [
  'some role in data.roles[input.id]\n\tsome grant in data.grants[role]\n\tgrant.action == input.action\n\tgrant.type == input.type',
  'some k\n\tdata.xs[k] > 1',
  'not input.nope',
  'not data.t',
  'not "a" in input.tags',
  'not input.n == 3',
  'data.names[_] == input.tags[_]',
  'v := input.n\n\tv + 1 == 4',
  'is_string(input.id)',
  'is_null(input.nul)',
  'startswith(input.id, "u")',
  'input.n in data.xs',
  'count([x | some x in data.xs; x > 1]) == 2',
  'count({x | some x in data.names}) == 2',
  'object.get(data.m, "zz", 1) == 1',
  'object.get(input, "n", 0) == 3',
  's["a"]',
  '"b" in s',
  'f(input.n)',
  'f(2)',
  'some i, x in data.names\n\ti == 1\n\tx == "b"',
  'lower("ABC") == "abc"',
  'input.n > 2',
  'input.n * 2 <= 6',
  'helper',
  'data.test.helper',
  'other == "a"',
];

/** A module with `data.test.allow`. */
export function module(chance: Chance): string {
  const lines = ['package test', '', 'import rego.v1', ''];
  if (chance.below(2)) lines.push('default allow := false', '');
  const heads = [
    'allow',
    'allow',
    'allow := true',
    'allow := input.flag',
    'allow := helper',
    'allow := "text"',
  ];
  for (let rule = 0; rule <= chance.below(2); rule++)
    lines.push(`${chance.pick(heads)} if {\n\t${body(chance)}\n}`, '');
  lines.push(`helper if {\n\t${comparison(chance)}\n}`, '', 'other := data.names[0]', '');
  lines.push('f(x) if x == 3', '', 's contains x if {\n\tsome x in data.names\n}', '');
  return lines.join('\n');
}

function body(chance: Chance): string {
  const literals = new Set<string>();
  for (let count = 0; count <= chance.below(3); count++) {
    literals.add(chance.below(3) ? chance.pick(LITERALS) : comparison(chance));
  }
  return [...literals].join('\n\t');
}

function comparison(chance: Chance): string {
  // A helper that names itself would be a circle, in which engines differ.
  const values = VALUES.filter((value) => value !== 'helper');
  return `${chance.pick(values)} ${chance.pick(['==', '!=', '<', '>='])} ${chance.pick(values)}`;
}
