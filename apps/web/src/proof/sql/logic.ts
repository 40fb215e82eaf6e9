/** Comparisons and conditions, in which null is neither true nor false. */

import { constant, made, spanOf, strict, unknown, type Bound } from './bound.ts';
import { alike, converted } from './casts.ts';
import { comparisonOf } from './compare.ts';
import { folded } from './syntax.ts';
import { isLike } from './texts.ts';
import { BOOLEAN, nameOf, type Type, type Value } from './types.ts';
import type { Work } from './work.ts';

const TESTS: Readonly<Record<string, (sign: number) => boolean>> = {
  '=': (sign) => sign === 0,
  '==': (sign) => sign === 0,
  '<>': (sign) => sign !== 0,
  '!=': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
};

/** `left operator right`, with `is distinct` and `is not distinct` among the operators. */
export function compared(operator: string, left: Bound, right: Bound): Bound {
  const [a, b] = alike([left, right]) as [Bound, Bound];
  const { type } = a;
  if (type.kind === 'LIST' || type.kind === 'STRUCT') throw unknown(`a comparison of ${nameOf(type)}`);
  if (type.kind === 'NULL' && operator.startsWith('is')) throw unknown('NULL beside NULL');
  const compare = comparisonOf(type);
  if (operator.startsWith('is')) {
    const isSame = operator === 'is not distinct';
    return made(BOOLEAN, [a, b], (row) => {
      const [x, y] = [a.run(row), b.run(row)];
      return (x === null || y === null ? x === y : compare(x, y) === 0) === isSame;
    });
  }
  const test = TESTS[operator] as (sign: number) => boolean;
  return strict(BOOLEAN, [a, b], (x: Value, y: Value) => test(compare(x, y)));
}

export function equal(left: Bound, right: Bound): Bound {
  return compared('=', left, right);
}

/** A condition; throws UnavailableError for what the engine would make one. */
export function condition(bound: Bound): Bound {
  if (bound.type.kind === 'NULL') return { ...constant(BOOLEAN, null) };
  if (bound.type.kind !== 'BOOLEAN') throw unknown(`${nameOf(bound.type)} as a condition`);
  return bound;
}

export function negated(bound: Bound): Bound {
  return strict(BOOLEAN, [condition(bound)], (value: boolean) => !value);
}

export function both(left: Bound, right: Bound): Bound {
  return joined(left, right, false);
}

export function either(left: Bound, right: Bound): Bound {
  return joined(left, right, true);
}

/** AND, or OR where `decisive` is true: a side of that value decides. */
function joined(left: Bound, right: Bound, decisive: boolean): Bound {
  const [a, b] = [condition(left), condition(right)];
  const run = (row: readonly Value[]): Value => {
    const x = a.run(row);
    if (x === decisive) return decisive;
    const y = b.run(row);
    if (y === decisive) return decisive;
    return x === null || y === null ? null : !decisive;
  };
  return made(BOOLEAN, [a, b], run, { isLazy: true });
}

export function isNull(operand: Bound, isNegated: boolean): Bound {
  return made(BOOLEAN, [operand], (row) => (operand.run(row) === null) !== isNegated);
}

/** True where one of the items is equal, null where that hangs on a null. */
export function among(operand: Bound, items: readonly Bound[]): Bound {
  const [value, ...all] = alike([operand, ...items]) as [Bound, ...Bound[]];
  if (['LIST', 'STRUCT', 'NULL'].includes(value.type.kind)) throw unknown(`${nameOf(value.type)} IN`);
  const compare = comparisonOf(value.type);
  const run = (row: readonly Value[]): Value => {
    const wanted = value.run(row);
    if (wanted === null) return null;
    let found: Value = false;
    for (const item of all) {
      const other = item.run(row);
      if (other === null) found = null;
      else if (compare(wanted, other) === 0) return true;
    }
    return found;
  };
  return made(BOOLEAN, [value, ...all], run, { isLazy: true });
}

export function like(operand: Bound, pattern: Bound, work: Work): Bound {
  if (operand.type.kind !== 'VARCHAR' || pattern.type.kind !== 'VARCHAR') {
    throw unknown(`${nameOf(operand.type)} LIKE ${nameOf(pattern.type)}`);
  }
  return strict(BOOLEAN, [operand, pattern], (text: string, model: string) => {
    // At the worst every place of the text is tried with the whole pattern.
    work.spend(text.length + (model.includes('%') ? text.length * Math.min(model.length, 64) : 0) / 8);
    return isLike(text, model);
  });
}

/** `CASE`: the value behind the first condition that is true. */
export function cases(branches: readonly (readonly [Bound, Bound])[], otherwise: Bound): Bound {
  const values = alike([...branches.map(([, value]) => value), otherwise]);
  const conditions = branches.map(([test]) => condition(test));
  const last = values.at(-1) as Bound;
  const run = (row: readonly Value[]): Value => {
    for (const [at, test] of conditions.entries()) {
      if (test.run(row) === true) return (values[at] as Bound).run(row);
    }
    return last.run(row);
  };
  const type: Type = last.type;
  return made(type, [...conditions, ...values], run, { range: spanOf(values), isLazy: true });
}

/** A row of values as one, of a list. */
export function listed(items: readonly Bound[]): Bound {
  if (!items.length) throw unknown('an empty list');
  const all = alike(items).map((item) => converted(item, item.type));
  const type: Type = { kind: 'LIST', item: (all[0] as Bound).type };
  return made(type, all, (row) => all.map((item) => item.run(row)));
}

export function structured(members: readonly (readonly [string, Bound])[]): Bound {
  const all = members.map(([, value]) => value);
  const names = new Set(members.map(([name]) => folded(name)));
  if (names.size < members.length || names.has('')) throw unknown('a structure with such names');
  const type: Type = { kind: 'STRUCT', members: members.map(([name, value]) => [name, value.type]) };
  return made(type, all, (row) => all.map((item) => item.run(row)));
}
