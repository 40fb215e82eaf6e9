/** `transform`: the value of an expression over the inputs (spec/execution.md, 3). */

import { open, text } from '../shape/shapes.ts';
import type { StepKind } from './kind.ts';

export const transform: StepKind = {
  shape: open({ expression: text() }),
  compute: (inputs, { declared, engines }) => engines.evaluate(declared.body['expression'] as string, inputs),
};
