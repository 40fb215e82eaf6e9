/** Types, values and what two of them have in common. */

import { UnavailableError } from '../values.ts';

/** `DECIMAL` values are whole numbers of 10^-scale; dates are days and times microseconds since 1970. */
export type Type =
  | { readonly kind: 'NULL' | 'BOOLEAN' | Whole | 'DOUBLE' | 'VARCHAR' | 'JSON' | 'DATE' | 'TIMESTAMP' }
  | Decimal
  | { readonly kind: 'LIST'; readonly item: Type }
  | { readonly kind: 'STRUCT'; readonly members: readonly (readonly [string, Type])[] };

export type Whole = 'INTEGER' | 'BIGINT' | 'HUGEINT';

export interface Decimal {
  readonly kind: 'DECIMAL';
  readonly width: number;
  readonly scale: number;
}

/** Whole numbers, decimals, dates and times are `bigint`; lists and structures are arrays. */
export type Value = null | boolean | bigint | number | string | Value[];

export type Row = readonly Value[];

/** The least and the greatest that a whole number can be. */
export type Range = readonly [bigint, bigint];

const named = (kind: Exclude<Type['kind'], 'DECIMAL' | 'LIST' | 'STRUCT'>): Type => ({ kind });
export const NULL = named('NULL');
export const BOOLEAN = named('BOOLEAN');
export const INTEGER = named('INTEGER');
export const BIGINT = named('BIGINT');
export const HUGEINT = named('HUGEINT');
export const DOUBLE = named('DOUBLE');
export const VARCHAR = named('VARCHAR');
export const JSON_TYPE = named('JSON');
export const DATE = named('DATE');
export const TIMESTAMP = named('TIMESTAMP');

export const MAX_WIDTH = 38;
const WHOLE: readonly string[] = ['INTEGER', 'BIGINT', 'HUGEINT'];
const BOUNDS: Readonly<Record<Whole, Range>> = {
  INTEGER: [-(2n ** 31n), 2n ** 31n - 1n],
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
  HUGEINT: [-(2n ** 127n), 2n ** 127n - 1n],
};

export function isWhole(type: Type): type is { readonly kind: Whole } {
  return WHOLE.includes(type.kind);
}

export function isNumeric(type: Type): boolean {
  return isWhole(type) || type.kind === 'DOUBLE' || type.kind === 'DECIMAL';
}

/** What a type of whole numbers can hold. */
export function boundsOf(kind: Whole): Range {
  return BOUNDS[kind];
}

export function isWithin(range: Range, bounds: Range): boolean {
  return range[0] >= bounds[0] && range[1] <= bounds[1];
}

export function nameOf(type: Type): string {
  if (type.kind === 'DECIMAL') return `DECIMAL(${type.width},${type.scale})`;
  return type.kind === 'LIST' ? `${nameOf(type.item)}[]` : type.kind;
}

export function sameType(left: Type, right: Type): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The decimal type that a whole number becomes beside a decimal. */
export function decimalOf(type: Type): Decimal {
  if (type.kind === 'DECIMAL') return type;
  if (type.kind === 'INTEGER') return { kind: 'DECIMAL', width: 10, scale: 0 };
  if (type.kind === 'BIGINT') return { kind: 'DECIMAL', width: 19, scale: 0 };
  throw new UnavailableError(`${nameOf(type)} beside a decimal`);
}

/** The type that values of both become; throws UnavailableError where there is none, or this does not know it. */
export function commonType(left: Type, right: Type): Type {
  if (right.kind === 'NULL' || sameType(left, right)) return left;
  if (left.kind === 'NULL') return right;
  if (isWhole(left) && isWhole(right)) {
    return WHOLE.indexOf(left.kind) < WHOLE.indexOf(right.kind) ? right : left;
  }
  if (isNumeric(left) && isNumeric(right)) {
    if (left.kind === 'DOUBLE' || right.kind === 'DOUBLE') return DOUBLE;
    const [a, b] = [decimalOf(left), decimalOf(right)];
    const scale = Math.max(a.scale, b.scale);
    const width = Math.max(a.width - a.scale, b.width - b.scale) + scale;
    if (width <= MAX_WIDTH) return { kind: 'DECIMAL', width, scale };
  }
  throw new UnavailableError(`${nameOf(left)} beside ${nameOf(right)}`);
}
