/** `transform`: the value of an expression, or the rows of a statement, over the inputs (spec/execution.md, 3). */

import { open, text } from '../shape/shapes.ts';
import { orSql, sqlRows } from './sql.ts';
import type { StepKind } from './kind.ts';

export const transform: StepKind = {
  shape: orSql(open({ expression: text() }), ['expression']),
  async compute(inputs, recorded) {
    const { declared, engines } = recorded;
    if ('sql' in declared.body) return sqlRows(inputs, recorded);
    return engines.evaluate(declared.body['expression'] as string, inputs);
  },
};
