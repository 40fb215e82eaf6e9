/** `budget`: what is reserved stays within a limit (spec/provers.md, 13). What was reserved before, the ledger says. */

import { EvaluationError } from '../expressions/errors.ts';
import { isInteger, type JsonObject } from '../json/value.ts';
import { identifier, integer, oneOf, text } from '../shape/shapes.ts';
import { visible } from '../steps/inputs.ts';
import { claimOf, judgement, type Prover, type Scope } from './prover.ts';

export const budget: Prover = {
  phase: 'preconditions',
  needsEvidence: true,
  claim: claimOf(
    { counter: identifier, limit: integer(0) },
    { amount: text(), period: oneOf('execution', 'day', 'month', 'ever') },
  ),
  async judge(claim, scope, recorded) {
    const told = recorded['before'];
    const before = isInteger(told) && told >= 0 ? told : null;
    const amount = await amountOf(claim, scope);
    const limit = claim['limit'] as number;
    const evidence = {
      counter: claim['counter'] as string,
      period: period(claim, scope),
      before,
      amount,
      limit,
    };
    if (amount === null) return judgement('error', 'budget.amount', evidence);
    if (before === null) return judgement('error', 'budget.unknown', evidence);
    // The sum of two integers below 2^53 can only be rounded where it is far above every limit.
    if (before + amount <= limit) return judgement('pass', 'budget.reserved', evidence);
    return judgement('fail', 'budget.exceeded', evidence);
  },
};

async function amountOf(claim: JsonObject, scope: Scope): Promise<number | null> {
  const expression = claim['amount'] as string | undefined;
  if (expression === undefined) return 1;
  const data = visible(scope.step.stepId, scope.parameters, scope.values);
  try {
    const value = await scope.engines.evaluate(expression, data);
    return isInteger(value) && value >= 0 ? value : null;
  } catch (error) {
    if (error instanceof EvaluationError) return null;
    throw error;
  }
}

function period(claim: JsonObject, { manifest }: Scope): string {
  const { logicalTime } = manifest.context;
  switch (claim['period']) {
    case 'execution':
      return manifest.header.executionId;
    case 'day':
      return logicalTime.slice(0, 10);
    case 'month':
      return logicalTime.slice(0, 7);
    default:
      return 'ever';
  }
}
