/** Arithmetic: whole numbers and decimals are exact, doubles are doubles. */

import { alike, converted } from './casts.ts';
import { noMinusZero, RowError, strict, unknown, type Bound } from './bound.ts';
import {
  boundsOf,
  decimalOf,
  DOUBLE,
  isNumeric,
  isWhole,
  isWithin,
  MAX_WIDTH,
  nameOf,
  type Decimal,
  type Range,
  type Type,
  type Value,
  type Whole,
} from './types.ts';

type Operator = '+' | '-' | '*' | '/' | '//' | '%';

const OF_DOUBLES: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / noMinusZero(right),
  '//': () => {
    throw unknown('// of doubles');
  },
  '%': (left, right) => left % right,
};
const OF_WHOLE: Readonly<Record<Exclude<Operator, '/'>, (left: bigint, right: bigint) => bigint>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '//': (left, right) => left / right,
  '%': (left, right) => left % right,
};

/** `left operator right`; throws UnavailableError for types that this does not know. */
export function arithmetic(operator: Operator, left: Bound, right: Bound): Bound {
  if (left.type.kind === 'NULL' || right.type.kind === 'NULL') throw unknown('arithmetic with NULL');
  if (!isNumeric(left.type) || !isNumeric(right.type)) {
    throw unknown(`${nameOf(left.type)} ${operator} ${nameOf(right.type)}`);
  }
  const isDouble = operator === '/' || left.type.kind === 'DOUBLE' || right.type.kind === 'DOUBLE';
  if (isDouble) {
    return strict(DOUBLE, [converted(left, DOUBLE), converted(right, DOUBLE)], OF_DOUBLES[operator]);
  }
  if (left.type.kind === 'DECIMAL' || right.type.kind === 'DECIMAL') return ofDecimals(operator, left, right);
  return ofWhole(operator, left, right);
}

function ofWhole(operator: Exclude<Operator, '/'>, left: Bound, right: Bound): Bound {
  const [a, b] = alike([left, right]) as [Bound, Bound];
  const type = a.type as { readonly kind: Whole };
  const bounds = boundsOf(type.kind);
  const range = rangeOf(operator, a.range as Range, b.range as Range);
  const apply = OF_WHOLE[operator];
  const isDivision = operator === '//' || operator === '%';
  const run = (x: bigint, y: bigint): Value => {
    if (isDivision && y === 0n) throw new RowError('a division by zero');
    const value = apply(x, y);
    if (value < bounds[0] || value > bounds[1]) throw new RowError(`an overflow of ${type.kind}`);
    return value;
  };
  const mayBeZero = isDivision && (b.range as Range)[0] <= 0n && (b.range as Range)[1] >= 0n;
  return strict(type, [a, b], run, { range, mayFail: mayBeZero || !isWithin(range, bounds) });
}

function rangeOf(operator: Exclude<Operator, '/'>, [a, b]: Range, [c, d]: Range): Range {
  const most = [a, b, c, d].map((value) => (value < 0n ? -value : value));
  switch (operator) {
    case '+':
      return [a + c, b + d];
    case '-':
      return [a - d, b - c];
    case '*': {
      const all = [a * c, a * d, b * c, b * d].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
      return [all[0] as bigint, all[3] as bigint];
    }
    default: {
      const bound = (most[0] as bigint) > (most[1] as bigint) ? (most[0] as bigint) : (most[1] as bigint);
      return [-bound, bound];
    }
  }
}

function ofDecimals(operator: Exclude<Operator, '/'>, left: Bound, right: Bound): Bound {
  const [a, b] = [decimalOf(left.type), decimalOf(right.type)];
  if (operator === '*') {
    const type = decimal(a, b, a.width + b.width, a.scale + b.scale);
    return strict(type, [left, right], OF_WHOLE['*']);
  }
  if (operator !== '+' && operator !== '-') throw unknown(`${operator} of decimals`);
  const scale = Math.max(a.scale, b.scale);
  const type = decimal(a, b, Math.max(a.width - a.scale, b.width - b.scale) + scale + 1, scale);
  return strict(type, [converted(left, type), converted(right, type)], OF_WHOLE[operator]);
}

function decimal(a: Decimal, b: Decimal, width: number, scale: number): Decimal {
  // The engine keeps what fits into 64 bits there, and fails where the result does not.
  const isKept = width > 18 && a.width <= 18 && b.width <= 18;
  if (width > MAX_WIDTH || isKept) throw unknown('a decimal of so many digits');
  return { kind: 'DECIMAL', width, scale };
}

/** `-operand`. */
export function negative(operand: Bound): Bound {
  const { range, type } = operand;
  if (type.kind === 'DOUBLE') return strict(type, [operand], (value: number) => -value);
  if (type.kind === 'DECIMAL') return strict(type, [operand], (value: bigint) => -value);
  if (!isWhole(type)) throw unknown(`- of ${nameOf(type)}`);
  return ofOne(type, operand, (value) => -value, [-(range as Range)[1], -(range as Range)[0]]);
}

/** `abs(operand)`. */
export function absolute(operand: Bound): Bound {
  const { range, type } = operand;
  if (type.kind === 'DOUBLE') return strict(type, [operand], (value: number) => Math.abs(value));
  if (!isWhole(type)) throw unknown(`abs of ${nameOf(type)}`);
  const [least, most] = range as Range;
  const bound = -least > most ? -least : most;
  return ofOne(type, operand, (value) => (value < 0n ? -value : value), [0n, bound > 0n ? bound : 0n]);
}

function ofOne(
  type: Type & { readonly kind: Whole },
  operand: Bound,
  apply: (value: bigint) => bigint,
  range: Range,
): Bound {
  const bounds = boundsOf(type.kind);
  const run = (value: bigint): Value => {
    const found = apply(value);
    if (found < bounds[0] || found > bounds[1]) throw new RowError(`an overflow of ${type.kind}`);
    return found;
  };
  return strict(type, [operand], run, { range, mayFail: !isWithin(range, bounds) });
}
