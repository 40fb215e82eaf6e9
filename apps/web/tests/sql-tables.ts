/** Tables for statements, with a bit of everything in them. */

import type { Json, JsonObject } from '../src/proof/json/value.ts';
import type { Chance } from './peer.ts';

const TEXTS = [
  'a',
  'b',
  'B',
  'ab',
  'a_c',
  '',
  ' a ',
  'Ärger',
  '😀x',
  'O"Neil',
  "it's",
  '%',
  'zz',
  '\uffff',
  'a%b',
];
const NUMERALS = [
  '12',
  '-3',
  ' 7 ',
  '2.5',
  '-0.5',
  'x',
  '',
  '1e3',
  'true',
  'no',
  '+4',
  '.5',
  '007',
  '12a',
  '2026-02-03',
  '2026-02-03T04:05:06.5Z',
  '1969-12-31 23:59:59',
];
const DOUBLES = [0.1, 0.2, 0.3, 0.7, -1.5, 2.5, 3, 0, 1e-7, 123456.789, 0.1, 0.1, 1e15, -0.3];
const NESTED: Json[] = [
  [1, 2],
  { a: 1 },
  { a: { b: 'x' } },
  [{ k: null }],
  'a',
  5,
  true,
  { a: [0.5, 'y'] },
  [],
];

/** The inputs of one statement: a table `t` and a table `u`. */
export function tables(chance: Chance): JsonObject {
  const isFlat = chance.below(6) === 0;
  const doubles = chance.below(4) ? DOUBLES : [chance.pick(DOUBLES)];
  const maybe = (value: Json, odds = 5): Json => (chance.below(odds) ? value : null);
  const t = Array.from({ length: isFlat ? chance.below(40) : chance.below(7) }, (_, at) => ({
    id: at + 1,
    n: maybe(chance.below(5) - 2),
    x: maybe(chance.pick(doubles)),
    k: maybe(chance.pick(TEXTS.slice(0, 3 + chance.below(TEXTS.length - 3)))),
    s: maybe(chance.pick(NUMERALS)),
    b: maybe(chance.below(2) === 0),
    j: maybe(chance.pick(NESTED)),
    big: chance.below(9) ? chance.below(10) : 9_007_199_254_740_991,
    user: 'u',
  }));
  const u = Array.from({ length: chance.below(6) }, () => ({
    id: maybe(1 + chance.below(4)),
    k: maybe(chance.pick(TEXTS)),
    v: maybe(chance.pick(TEXTS)),
    w: maybe(chance.pick(DOUBLES)),
  }));
  return { t, u };
}

/** Columns that are always there, whatever the rows are. */
export const COLUMNS = {
  t: {
    id: 'BIGINT',
    n: 'BIGINT',
    x: 'DOUBLE',
    k: 'VARCHAR',
    s: 'VARCHAR',
    b: 'BOOLEAN',
    j: 'JSON',
    big: 'BIGINT',
    user: 'VARCHAR',
  },
  u: { id: 'BIGINT', k: 'VARCHAR', v: 'VARCHAR', w: 'DOUBLE' },
};
