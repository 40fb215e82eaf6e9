/** `metric`: two JSONata expressions over one recorded row, and a comparison of doubles (spec/provers.md, 4). */

import { utf8 } from '../bytes.ts';
import { digest } from '../encoding.ts';
import { splitComparison } from '../expressions/comparison.ts';
import { EvaluationError, NotFiniteError } from '../expressions/errors.ts';
import { isInteger, isObject, type JsonObject } from '../json/value.ts';
import { text } from '../shape/shapes.ts';
import { claimOf, judgement, type Judgement, type Prover, type Scope } from './prover.ts';

type Compared = [Judgement['result'], string, number | null];

export const metric: Prover = {
  phase: 'postconditions',
  needsEvidence: true,
  claim: claimOf({ query: text(), assertion: text() }),
  async judge(claim, scope, recorded) {
    const { row, rows } = recorded;
    const query = digest(utf8(claim['query'] as string));
    if (rows !== 1 || !isObject(row)) {
      const told = isInteger(rows) && rows >= 0 ? rows : 0;
      return judgement('error', 'metric.no_row', { query, row: null, rows: told, value: null });
    }
    const [result, reason, value] = await compared(claim['assertion'] as string, row, scope);
    return judgement(result, `metric.${reason}`, { query, row, rows, value });
  },
};

async function compared(assertion: string, row: JsonObject, scope: Scope): Promise<Compared> {
  let sides: [string, string, string];
  try {
    sides = splitComparison(assertion);
  } catch (error) {
    if (error instanceof EvaluationError) return ['error', 'expression_error', null];
    throw error;
  }
  const [leftText, operator, rightText] = sides;
  const left = await side(leftText, row, scope);
  const right = await side(rightText, row, scope);
  const value = left === 'failed' ? null : left;
  if (left === 'failed' || right === 'failed') return ['error', 'expression_error', value];
  if (left === null || right === null) return ['error', 'not_finite', value];
  return holds(left, operator, right) ? ['pass', 'met', value] : ['fail', 'not_met', value];
}

/** The number, null when the value is none, or `failed`. */
async function side(expression: string, row: JsonObject, scope: Scope): Promise<number | null | 'failed'> {
  try {
    const value = await scope.engines.evaluate(expression, row);
    return typeof value === 'number' ? value : null;
  } catch (error) {
    if (error instanceof NotFiniteError) return null;
    if (error instanceof EvaluationError) return 'failed';
    throw error;
  }
}

function holds(left: number, operator: string, right: number): boolean {
  switch (operator) {
    case '>=':
      return left >= right;
    case '<=':
      return left <= right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    case '<':
      return left < right;
    default:
      return left === right;
  }
}
