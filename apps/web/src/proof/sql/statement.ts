/**
 * One statement over a step's inputs (spec/execution.md, 3.1), with the meaning that DuckDB 2.0.1 gives it.
 *
 * A value is right or is not there: what the engine may do otherwise throws UnavailableError, which names it.
 */

import { EvaluationError } from '../expressions/errors.ts';
import { toJson } from '../expressions/result.ts';
import { canonicalText } from '../json/canonical.ts';
import { byBytes, type Json } from '../json/value.ts';
import { UnavailableError } from '../values.ts';
import { checkAllowed, hasCall } from './allowed.ts';
import { RowError } from './bound.ts';
import { parseStatement } from './parser.ts';
import { runQuery } from './queries.ts';
import { rowOf } from './rows.ts';
import type { Query } from './syntax.ts';
import { checkNames, tablesOf, type Declared } from './tables.ts';
import { Work } from './work.ts';

/** The engine whose rows these are, as a context names it. */
export const ENGINE = 'duckdb 2.0.1';

/** The rows of a statement; throws EvaluationError where there are none, and UnavailableError where they are not known. */
export function rowsOf(text: string, inputs: Json, declared: Declared): Json {
  try {
    return rows(text, inputs, declared);
  } catch (error) {
    const isOpen =
      error instanceof UnavailableError || error instanceof RangeError || error instanceof RowError;
    // What fails on a row where nobody looked for it may not fail in the engine.
    if (isOpen) throw new UnavailableError(`SQL that is not evaluated here: ${error.message}`);
    throw error;
  }
}

function rows(text: string, inputs: Json, declared: Declared): Json {
  const tables = tablesOf(inputs, declared);
  const query = parseStatement(text);
  checkAllowed(query, [...tables.keys()]);
  const hasSum = hasCall(query, ['sum', 'count_if']);
  const world = { tables, work: new Work(), named: new Map(), hasSum, isOutermost: true, isInner: false };
  const result = runQuery(query, world);
  const names = result.columns.map(({ name }) => name);
  const known = names.filter((name) => name !== null);
  checkNames(known);
  if (known.length < names.length)
    throw new UnavailableError('a column without a name of its own (write AS)');
  const types = result.columns.map(({ type }) => type);
  const found = result.rows.map((row) => rowOf(known, types, row));
  return toJson(isOrdered(query) ? found : inCanonicalOrder(found));
}

function isOrdered(query: Query): boolean {
  return query.orders.length > 0 || query.orderAll !== null;
}

function inCanonicalOrder(found: readonly Json[]): Json[] {
  const spelled = found.map((row) => ({ row, text: spelling(row) }));
  return spelled.sort((left, right) => byBytes(left.text, right.text)).map(({ row }) => row);
}

function spelling(row: Json): string {
  try {
    return canonicalText(row);
  } catch (error) {
    throw new EvaluationError(`the value is no I-JSON: ${(error as Error).message}`);
  }
}
