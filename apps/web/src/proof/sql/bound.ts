/** An expression whose names and types are known: what runs over a row. */

import { EvaluationError } from '../expressions/errors.ts';
import { UnavailableError } from '../values.ts';
import { boundsOf, isWhole, isWithin, NULL, type Range, type Row, type Type, type Value } from './types.ts';

export type Run = (row: Row) => Value;

export interface Bound {
  readonly type: Type;
  readonly run: Run;
  /** Of a whole number, what it is within; null for any other. */
  readonly range: Range | null;
  /** The columns of the row that it looks at. */
  readonly refs: ReadonlySet<number>;
  /** What in it may fail. */
  readonly checks: readonly Check[];
  /** True for a text that is written in the statement: it becomes what stands beside it. */
  readonly isText: boolean;
  /** How many parts it has: what it costs to run it over a row. */
  readonly cost: number;
}

/** A part of an expression that may fail on a row. */
export interface Check {
  readonly run: Run;
  readonly refs: ReadonlySet<number>;
  /** True where nothing spares a row of that part. */
  readonly isCertain: boolean;
  readonly cost: number;
}

/** A function fails on a row. */
export class RowError extends EvaluationError {
  override name = 'RowError';
}

interface Traits {
  readonly range?: Range | null;
  readonly mayFail?: boolean;
  /** True where parts may not be looked at: their failing is not certain. */
  readonly isLazy?: boolean;
}

/** What is made of parts. */
export function made(type: Type, parts: readonly Bound[], run: Run, traits: Traits = {}): Bound {
  const refs = new Set(parts.flatMap((part) => [...part.refs]));
  const cost = parts.reduce((sum, part) => sum + part.cost, 1);
  let checks = parts.flatMap((part) => part.checks);
  if (traits.isLazy) checks = checks.map((check) => ({ ...check, isCertain: false }));
  if (traits.mayFail) checks = [...checks, { run, refs, isCertain: true, cost }];
  return { type, run, range: rangeOf(type, traits.range), refs, checks, isText: false, cost };
}

function rangeOf(type: Type, told: Range | null | undefined): Range | null {
  if (!isWhole(type)) return null;
  const bounds = boundsOf(type.kind);
  return told && isWithin(told, bounds) ? told : bounds;
}

/** A value that is the same on every row. */
export function constant(type: Type, value: Value): Bound {
  const range: Range | null = typeof value === 'bigint' ? [value, value] : null;
  return made(type, [], () => value, { range });
}

export const NOTHING: Bound = constant(NULL, null);

/** Column number `at` of a row. */
export function column(type: Type, at: number, range: Range | null): Bound {
  const run: Run = (row) => row[at] as Value;
  return { type, run, range: rangeOf(type, range), refs: new Set([at]), checks: [], isText: false, cost: 1 };
}

/** A function of values that gives null where one of them is null. */
export function strict(
  type: Type,
  parts: readonly Bound[],
  apply: (...values: never[]) => Value,
  traits: Traits = {},
): Bound {
  const call = apply as unknown as (...values: Value[]) => Value;
  const [first, second] = parts as [Bound, Bound];
  if (parts.length === 1) {
    return made(type, parts, (row) => nullOr(first.run(row), call), traits);
  }
  if (parts.length === 2) {
    const run: Run = (row) => {
      const left = first.run(row);
      const right = second.run(row);
      return left === null || right === null ? null : call(left, right);
    };
    return made(type, parts, run, traits);
  }
  const run: Run = (row) => {
    const values = parts.map((part) => part.run(row));
    return values.includes(null) ? null : call(...values);
  };
  return made(type, parts, run, traits);
}

function nullOr(value: Value, call: (value: Value) => Value): Value {
  return value === null ? null : call(value);
}

/** What is within the ranges of all; a NULL has none. */
export function spanOf(bounds: readonly Bound[]): Range | null {
  const ranges = bounds.flatMap(({ range }) => (range ? [range] : []));
  const least = ranges.reduce<bigint | null>(
    (found, [low]) => (found === null || low < found ? low : found),
    null,
  );
  const most = ranges.reduce<bigint | null>(
    (found, [, high]) => (found === null || high > found ? high : found),
    null,
  );
  return least === null || most === null ? null : [least, most];
}

/**
 * The value where the sign of a zero shows: behind a division, as a text, or of two zeros that are equal. The engine may
 * have another sign there, so that minus zero throws UnavailableError.
 */
export function noMinusZero<V extends Value>(value: V): V {
  if (Object.is(value, -0)) throw new UnavailableError('a minus zero');
  return value;
}

export function unknown(what: string): UnavailableError {
  return new UnavailableError(what);
}
