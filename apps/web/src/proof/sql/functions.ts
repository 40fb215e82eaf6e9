/** Functions of values, by their names. */

import { absolute, arithmetic } from './arithmetic.ts';
import { made, noMinusZero, spanOf, strict, unknown, type Bound } from './bound.ts';
import { alike, cast, textOf } from './casts.ts';
import { comparisonOf } from './compare.ts';
import { partsOf } from './dates.ts';
import { lengthOf } from '../json/value.ts';
import { extracted } from './json-paths.ts';
import { equal } from './logic.ts';
import { rounded } from './rounding.ts';
import * as texts from './texts.ts';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  isWhole,
  nameOf,
  VARCHAR,
  type Range,
  type Type,
  type Value,
} from './types.ts';
import type { Work } from './work.ts';

type Make = (name: string, args: readonly Bound[], work: Work) => Bound;
type Kind = 'text' | 'number';

const LENGTHS: Range = [0n, 2n ** 31n];
const YEARS: Range = [-300_000n, 300_000n];

/** A function of so many texts and whole numbers. */
function of(type: Type, kinds: readonly Kind[], apply: (...values: never[]) => Value, range?: Range): Make {
  return (name, args, work) => {
    const fits =
      args.length === kinds.length &&
      args.every((arg, at) => (kinds[at] === 'text' ? arg.type.kind === 'VARCHAR' : isWhole(arg.type)));
    if (!fits) throw unknown(`${name}(${args.map((arg) => nameOf(arg.type)).join(', ')})`);
    const call = apply as unknown as (...values: Value[]) => Value;
    const counted = (...values: Value[]): Value => {
      const found = call(...values);
      for (const value of [found, ...values]) if (typeof value === 'string') work.spend(value.length);
      return found;
    };
    return strict(type, args, counted, { range: range ?? null });
  };
}

const TEXT: readonly Kind[] = ['text'];
const TEXTS: readonly Kind[] = ['text', 'text'];
const length = of(BIGINT, TEXT, (text: string) => BigInt(lengthOf(text)), LENGTHS);
const lower = of(VARCHAR, TEXT, texts.lower);
const upper = of(VARCHAR, TEXT, texts.upper);
const contains = of(BOOLEAN, TEXTS, (text: string, part: string) => text.includes(part));
const startsWith = of(BOOLEAN, TEXTS, (text: string, part: string) => text.startsWith(part));
const endsWith = of(BOOLEAN, TEXTS, (text: string, part: string) => text.endsWith(part));
const position = of(BIGINT, TEXTS, texts.position, LENGTHS);
const substring: Make = (name, args, work) =>
  args.length === 2
    ? of(VARCHAR, ['text', 'number'], (text: string, from: bigint) => texts.substring(text, from, null))(
        name,
        args,
        work,
      )
    : of(VARCHAR, ['text', 'number', 'number'], texts.substring)(name, args, work);

function trim(isLeft: boolean, isRight: boolean): Make {
  const cut = (text: string, letters = ' '): string => texts.trimmed(text, letters, isLeft, isRight);
  return (name, args, work) => of(VARCHAR, args.length === 1 ? TEXT : TEXTS, cut)(name, args, work);
}

/** What texts and other values become one after the other; null is left out. */
const concat: Make = (_, args, work) => {
  const parts = args.map(asText);
  return made(VARCHAR, parts, (row) => {
    const text = parts.map((part) => part.run(row) ?? '').join('');
    work.spend(text.length);
    return text;
  });
};

/** `left || right`. */
export function joined(left: Bound, right: Bound, work: Work): Bound {
  if (left.type.kind === 'NULL' || right.type.kind === 'NULL') throw unknown('|| with NULL');
  return strict(VARCHAR, [asText(left), asText(right)], (a: string, b: string) => {
    work.spend(a.length + b.length);
    return a + b;
  });
}

function asText(bound: Bound): Bound {
  const { type } = bound;
  if (type.kind === 'VARCHAR' || type.kind === 'NULL') return bound;
  textOf(type);
  return cast(bound, VARCHAR, false);
}

/** The greatest or the least of those that are not null. */
function extreme(sign: number): Make {
  return (_, args) => {
    const all = alike(args);
    const type = all[0]?.type ?? BOOLEAN;
    if (type.kind === 'NULL' || type.kind === 'JSON') throw unknown(`the greatest of ${nameOf(type)}`);
    const compare = comparisonOf(type);
    const run = (row: readonly Value[]): Value => {
      let best: Value = null;
      for (const part of all) {
        const value = noMinusZero(part.run(row));
        if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
      }
      return best;
    };
    return made(type, all, run, { range: spanOf(all) });
  };
}

/** The first that is not null. */
const coalesce: Make = (_, args) => {
  const all = alike(args);
  const type = all[0]?.type as Type;
  const run = (row: readonly Value[]): Value => {
    for (const part of all) {
      const value = part.run(row);
      if (value !== null) return value;
    }
    return null;
  };
  return made(type, all, run, { range: spanOf(all), isLazy: true });
};

const nullif: Make = (name, args) => {
  const [first, second] = args;
  if (!first || !second || args.length > 2 || first.type.kind === 'NULL') throw unknown(name);
  const same = equal(first, second);
  const run = (row: readonly Value[]): Value => (same.run(row) === true ? null : first.run(row));
  return made(first.type, [first, second], run, { range: first.range, isLazy: true });
};

function part(name: 'year' | 'month' | 'day', range: Range): Make {
  return (_, args) => {
    const [operand] = args;
    if (!operand || args.length > 1 || !['DATE', 'TIMESTAMP'].includes(operand.type.kind))
      throw unknown(name);
    return strict(BIGINT, [cast(operand, DATE, false)], (day: bigint) => BigInt(partsOf(day)[name]), {
      range,
    });
  };
}

const FUNCTIONS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['length', length],
  ['len', length],
  ['character_length', length],
  ['lower', lower],
  ['lcase', lower],
  ['upper', upper],
  ['ucase', upper],
  ['reverse', of(VARCHAR, TEXT, texts.reverse)],
  ['contains', contains],
  ['starts_with', startsWith],
  ['prefix', startsWith],
  ['ends_with', endsWith],
  ['suffix', endsWith],
  ['position', position],
  ['strpos', position],
  ['instr', position],
  ['substr', substring],
  ['substring', substring],
  ['left', of(VARCHAR, ['text', 'number'], texts.first)],
  ['right', of(VARCHAR, ['text', 'number'], texts.last)],
  ['replace', of(VARCHAR, ['text', 'text', 'text'], texts.replaced)],
  ['split_part', of(VARCHAR, ['text', 'text', 'number'], texts.splitPart)],
  ['trim', trim(true, true)],
  ['ltrim', trim(true, false)],
  ['rtrim', trim(false, true)],
  ['concat', concat],
  ['greatest', extreme(1)],
  ['least', extreme(-1)],
  ['coalesce', coalesce],
  ['nullif', nullif],
  ['abs', (_, args) => absolute(only('abs', args))],
  ['mod', (name, args) => arithmetic('%', ...pair(name, args))],
  ['ceil', (name, args) => rounded(name, args)],
  ['floor', (name, args) => rounded(name, args)],
  ['round', (name, args) => rounded(name, args)],
  ['trunc', (name, args) => rounded(name, args)],
  ['year', part('year', YEARS)],
  ['month', part('month', [1n, 12n])],
  ['day', part('day', [1n, 31n])],
  ['json_extract', (name, args, work) => extracted(...pair(name, args), false, work)],
  ['json_extract_string', (name, args, work) => extracted(...pair(name, args), true, work)],
]);

function only(name: string, [arg, ...more]: readonly Bound[]): Bound {
  if (!arg || more.length) throw unknown(`${name} of so many values`);
  return arg;
}

function pair(name: string, [left, right, ...more]: readonly Bound[]): [Bound, Bound] {
  if (!left || !right || more.length) throw unknown(`${name} of so many values`);
  return [left, right];
}

/** The call of a function; throws UnavailableError for one that is not here, or not for such values. */
export function call(name: string, args: readonly Bound[], work: Work): Bound {
  const make = FUNCTIONS.get(name);
  if (!make) throw unknown(`the function ${name}`);
  if (!args.length || args.some((arg) => arg.type.kind === 'NULL' && name !== 'coalesce')) {
    throw unknown(`${name} of NULL or of nothing`);
  }
  return make(name, args, work);
}
