/** `transform`: the value of an expression over the inputs (spec/execution.md, 3). */

import { open, text } from '../shape/shapes.ts';
import { orSql, refuseSql } from './sql.ts';
import type { StepKind } from './kind.ts';

export const transform: StepKind = {
  shape: orSql(open({ expression: text() }), ['expression']),
  compute(inputs, { declared, engines }) {
    refuseSql(declared.body);
    return engines.evaluate(declared.body['expression'] as string, inputs);
  },
};
