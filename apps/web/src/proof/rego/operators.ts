/** Operators of Rego, as far as all engines agree on them. */

import { UnavailableError } from '../values.ts';
import { RegoError } from './syntax.ts';
import { equal, RegoSet, type Value } from './value.ts';

/** The value; throws RegoError where a builtin fails, and UnavailableError where engines differ. */
export function infix(operator: string, left: Value, right: Value): Value {
  if (operator === '==') return equal(left, right);
  if (operator === '!=') return !equal(left, right);
  if (['<', '<=', '>', '>='].includes(operator)) return compared(operator, left, right);
  if (left instanceof RegoSet && right instanceof RegoSet) return ofSets(operator, left, right);
  if (typeof left !== 'number' || typeof right !== 'number')
    throw new RegoError(`${operator} of what is no number`);
  return arithmetic(operator, left, right);
}

function compared(operator: string, left: Value, right: Value): boolean {
  const sign = order(left, right);
  if (operator === '<') return sign < 0;
  if (operator === '<=') return sign <= 0;
  return operator === '>' ? sign > 0 : sign >= 0;
}

function order(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  // Beyond ASCII the engines' orders of texts are their own.
  if (isAscii(left) && isAscii(right)) return left < right ? -1 : left > right ? 1 : 0;
  throw new UnavailableError('a comparison of values that are neither numbers nor plain texts');
}

function isAscii(value: Value): value is string {
  return typeof value === 'string' && /^[ !#-[\]-~]*$/.test(value);
}

function ofSets(operator: string, left: RegoSet, right: RegoSet): RegoSet {
  const pick = (from: RegoSet, isIn: boolean): Value[] =>
    [...from.members].filter(([key]) => right.members.has(key) === isIn).map(([, value]) => value);
  if (operator === '-') return new RegoSet(pick(left, false));
  if (operator === '&') return new RegoSet(pick(left, true));
  if (operator === '|') return new RegoSet([...left.members.values(), ...right.members.values()]);
  throw new RegoError(`${operator} of sets`);
}

function arithmetic(operator: string, left: number, right: number): number {
  if (operator === '&' || operator === '|') throw new RegoError(`${operator} of numbers`);
  if ((operator === '/' || operator === '%') && right === 0) throw new RegoError('a division by zero');
  const value = calculated(operator, left, right);
  // Engines calculate with integers of any size, and with fractions each in its way.
  if (![left, right, value].every(Number.isSafeInteger))
    throw new UnavailableError('arithmetic beyond small integers');
  return value === 0 ? 0 : value;
}

function calculated(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return left % right;
  }
}
