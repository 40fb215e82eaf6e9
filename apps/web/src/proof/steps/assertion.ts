/** `assertion`: the values of its metrics, and a condition on its inputs (spec/execution.md, 3). */

import { emptyObject, type Json } from '../json/value.ts';
import { got, open, text } from '../shape/shapes.ts';
import { UnavailableError } from '../values.ts';
import { NotReproducedError, type Recorded, type StepKind } from './kind.ts';

export const assertion: StepKind = {
  shape: open({}, { assert: text() }),
  derive,
};

async function derive({ declared, engines, step, values }: Recorded): Promise<Json> {
  const condition = declared.body['assert'] as string | undefined;
  if (condition !== undefined && (await engines.evaluate(condition, values.inputs(step.stepId))) !== true) {
    throw new NotReproducedError(`its assertion ${got(condition)} is not true of its inputs`);
  }
  const made = emptyObject();
  for (const { evidence, kind, prover, reason } of step.proofs.postconditions) {
    if (kind !== 'metric' || reason === 'prover.wrong_phase') continue;
    if ('$redacted' in evidence) throw new UnavailableError(`the evidence of ${prover} is redacted`);
    // The check of the verdicts proves `value` from the row; here it is only copied.
    made[metricName(prover)] = evidence['value'] ?? null;
  }
  return made;
}

/** The prover's name after the first `:` and before the first comparison sign. */
function metricName(prover: string): string {
  const named = prover.slice(prover.indexOf(':') + 1) || prover;
  return named.split(/[<>=!]/, 1)[0] as string;
}
