/** The inputs of a step, computed from what came before (spec/execution.md, 2). */

import type { StepDefinition } from '../definition.ts';
import type { Engines } from '../engines.ts';
import { emptyObject, objectOf, type Json, type JsonObject } from '../json/value.ts';
import { UnavailableError, type Values } from '../values.ts';

/** What expressions see: the parameters, and the outputs of all ancestors; throws UnavailableError. */
export function visible(stepId: string, parameters: JsonObject | null, values: Values): JsonObject {
  if (parameters === null) throw new UnavailableError('the parameters are missing');
  const steps = emptyObject();
  // In the order of names, as all that is read from a file is.
  for (const name of [...values.ancestors(stepId)].sort()) steps[name] = values.outputs(name);
  return objectOf([
    ['parameters', parameters],
    ['steps', steps],
  ]);
}

/** The inputs of a step; throws UnavailableError, EvaluationError. */
export async function computeInputs(
  declared: StepDefinition,
  parameters: JsonObject | null,
  values: Values,
  engines: Engines,
): Promise<Json> {
  const expressions = declared.body['inputs'] as string | Record<string, string> | undefined;
  if (expressions === undefined) {
    const [first, ...others] = declared.dependsOn;
    if (first !== undefined && !others.length) return values.outputs(first);
    return objectOf(declared.dependsOn.map((name) => [name, values.outputs(name)]));
  }
  const data = visible(declared.stepId, parameters, values);
  if (typeof expressions === 'string') return engines.evaluate(expressions, data);
  const made = emptyObject();
  for (const [name, text] of Object.entries(expressions)) made[name] = await engines.evaluate(text, data);
  return made;
}
