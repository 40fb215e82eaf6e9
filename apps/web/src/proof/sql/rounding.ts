/** Doubles without their fraction, or with fewer places. */

import { strict, unknown, type Bound } from './bound.ts';
import { DOUBLE, isWhole, nameOf } from './types.ts';

const TO_WHOLE: Readonly<Record<string, (value: number) => number>> = {
  ceil: Math.ceil,
  ceiling: Math.ceil,
  floor: Math.floor,
  round: away,
  trunc: Math.trunc,
};

/** `ceil`, `floor`, `round` or `trunc`; `round` with a number of places from 0 to 15. */
export function rounded(name: string, [operand, places]: readonly Bound[]): Bound {
  if (!operand) throw unknown(`${name} without a number`);
  if (isWhole(operand.type) && !places && name !== 'ceiling') return operand;
  if (operand.type.kind !== 'DOUBLE') throw unknown(`${name} of ${nameOf(operand.type)}`);
  const apply = TO_WHOLE[name] as (value: number) => number;
  if (!places) return strict(DOUBLE, [operand], (value: number) => apply(value));
  const count = places.refs.size || name !== 'round' ? null : places.run([]);
  if (typeof count !== 'bigint' || count < 0n || count > 15n) throw unknown(`${name} to so many places`);
  return strict(DOUBLE, [operand], (value: number) => fixed(value, Number(count)));
}

/** The decimal of so many places that is nearest to the exact value, of two the one that is farther from 0. */
function fixed(value: number, places: number): number {
  const scaled = value * 10 ** places;
  if (!(Math.abs(scaled) < 2 ** 52)) throw unknown('round of so many digits');
  return Number(value.toFixed(places));
}

function away(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}
