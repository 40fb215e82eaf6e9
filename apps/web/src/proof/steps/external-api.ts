/** `external_api`: a recorded answer against the schema that the step declares (spec/execution.md, 4.1). */

import { type JsonObject } from '../json/value.ts';
import { isLocal } from '../schema/local.ts';
import { open } from '../shape/shapes.ts';
import type { StepKind } from './kind.ts';

export const externalApi: StepKind = {
  shape: open({}, { responseSchema: open({}) }),
  objection({ declared, engines, step, values }) {
    const schema = declared.body['responseSchema'] as JsonObject | undefined;
    if (!schema) return '';
    const outputs = values.outputs(step.stepId);
    const isMapped = 'forEach' in declared.body;
    const answers = !isMapped ? [outputs] : Array.isArray(outputs) ? outputs : null;
    const isGood =
      answers && isLocal(schema) && answers.every((answer) => engines.conforms(schema, answer) === true);
    return isGood ? '' : "they do not satisfy the step's responseSchema";
  },
};
