/** Which steps were to run, and on what: conditions, items, inputs (spec/execution.md, 2). */

import { EvaluationError } from '../expressions/errors.ts';
import { emptyObject, objectOf, type Json, type JsonObject } from '../json/value.ts';
import { got } from '../shape/shapes.ts';
import { UnavailableError, type Values } from '../values.ts';
import type { Recorded } from './kind.ts';

const MOST_ITEMS = 10_000;

/** What expressions see: the parameters, and the outputs of all ancestors; throws UnavailableError. */
export function visible(stepId: string, parameters: JsonObject | null, values: Values): JsonObject {
  if (parameters === null) throw new UnavailableError('the parameters are missing');
  const steps = emptyObject();
  // In the order of names, as all that an expression sees is.
  for (const name of [...values.ancestors(stepId)].sort()) steps[name] = values.outputs(name);
  return objectOf([
    ['parameters', parameters],
    ['steps', steps],
  ]);
}

/** Whether the step had to run rather than be skipped; throws EvaluationError for a condition that says neither. */
export async function isWanted(recorded: Recorded): Promise<boolean> {
  const { declared, engines, parameters, values } = recorded;
  const { body, dependsOn, stepId } = declared;
  const isSkipped = (name: string): boolean => values.step(name).outcome === 'skipped';
  if (dependsOn.length && dependsOn.every(isSkipped)) return false;
  const condition = body['when'] as string | undefined;
  if (condition === undefined) return true;
  const wanted = await engines.evaluate(condition, visible(stepId, parameters, values));
  if (typeof wanted === 'boolean') return wanted;
  throw new EvaluationError(`its condition ${got(condition)} is neither true nor false`);
}

/** The inputs that the step must have had; throws UnavailableError, EvaluationError. */
export async function expectedInputs(recorded: Recorded): Promise<Json> {
  const { declared, parameters, values } = recorded;
  const { body, dependsOn, stepId } = declared;
  const expressions = body['inputs'] as Expressions | undefined;
  if (typeof body['forEach'] === 'string') return ofItems(recorded, body['forEach'], expressions);
  if (expressions !== undefined) return evaluated(recorded, expressions, visible(stepId, parameters, values));
  const ran = dependsOn.filter((name) => values.step(name).outcome !== 'skipped');
  const [first] = ran;
  if (dependsOn.length === 1 && first !== undefined) return values.outputs(first);
  return objectOf(ran.map((name) => [name, values.outputs(name)]));
}

type Expressions = string | Record<string, string>;

async function evaluated({ engines }: Recorded, expressions: Expressions, data: Json): Promise<Json> {
  if (typeof expressions === 'string') return engines.evaluate(expressions, data);
  const made = emptyObject();
  for (const [name, text] of Object.entries(expressions)) made[name] = await engines.evaluate(text, data);
  return made;
}

async function ofItems(
  recorded: Recorded,
  forEach: string,
  expressions: Expressions | undefined,
): Promise<Json[]> {
  const { declared, engines, parameters, values } = recorded;
  const found = await engines.evaluate(forEach, visible(declared.stepId, parameters, values));
  const items = Array.isArray(found) ? found : found === null ? [] : [found];
  if (items.length > MOST_ITEMS)
    throw new EvaluationError(`${items.length} items are more than ${MOST_ITEMS}`);
  if (expressions === undefined) return items;
  const made: Json[] = [];
  for (const [index, item] of items.entries()) {
    const seen = objectOf([
      ['index', index],
      ['item', item],
      ['parameters', parameters],
    ]);
    made.push(await evaluated(recorded, expressions, seen));
  }
  return made;
}
