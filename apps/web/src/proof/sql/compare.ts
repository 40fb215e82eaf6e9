/** How values of a type compare, and the key that equal ones share. */

import { byBytes } from '../json/value.ts';
import { UnavailableError } from '../values.ts';
import type { Type, Value } from './types.ts';

type Comparison = (left: Value, right: Value) => number;

/** Below, at or above 0; neither value is null. NaN is above every other number, and texts compare by their bytes. */
export function comparisonOf(type: Type): Comparison {
  switch (type.kind) {
    case 'DOUBLE':
      return (left, right) => compareDoubles(left as number, right as number);
    case 'VARCHAR':
    case 'JSON':
      return (left, right) => byBytes(left as string, right as string);
    case 'LIST':
    case 'STRUCT':
      return (left, right) => {
        if (keyOf([left]) === keyOf([right])) return 0;
        throw new UnavailableError('an order of lists or structures');
      };
    default:
      return (left, right) => (left === right ? 0 : (left as bigint) < (right as bigint) ? -1 : 1);
  }
}

function compareDoubles(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left - right || (left === right ? 0 : left < right ? -1 : 1);
}

/** One text for equal values of the same types; null is equal to null here. */
export function keyOf(values: readonly Value[]): string {
  let text = '';
  for (const value of values) {
    if (typeof value === 'string') text += `s${value.length}:${value}`;
    else if (Array.isArray(value)) text += `[${keyOf(value)}]`;
    // The spelling of minus zero is that of zero.
    else text += `${typeof value === 'bigint' ? 'i' : ''}${String(value)},`;
  }
  return text;
}

export interface SortKey {
  readonly type: Type;
  readonly isDescending: boolean;
  readonly areNullsFirst: boolean;
}

/** The order of rows of key values. */
export function orderOf(
  keys: readonly SortKey[],
): (left: readonly Value[], right: readonly Value[]) => number {
  const comparisons = keys.map(({ type }) => comparisonOf(type));
  return (left, right) => {
    for (let at = 0; at < keys.length; at++) {
      const { isDescending, areNullsFirst } = keys[at] as SortKey;
      const [a, b] = [left[at] as Value, right[at] as Value];
      if (a === null && b === null) continue;
      if (a === null || b === null) return (a === null) === areNullsFirst ? -1 : 1;
      const found = (comparisons[at] as Comparison)(a, b);
      if (found) return isDescending ? -found : found;
    }
    return 0;
  };
}
