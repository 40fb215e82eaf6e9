/** `aggregate`: rows in groups, each with its measures (spec/execution.md, 3). */

import { canonicalText } from '../json/canonical.ts';
import { byBytes, objectOf, type Json, type JsonObject } from '../json/value.ts';
import { mapping, open, text } from '../shape/shapes.ts';
import { orSql, sqlRows } from './sql.ts';
import { NotReproducedError, type Recorded, type StepKind } from './kind.ts';

export const aggregate: StepKind = {
  shape: orSql(open({ groupBy: text(), measures: mapping(text()) }), ['groupBy', 'measures']),
  compute,
};

async function compute(rows: Json, recorded: Recorded): Promise<Json> {
  const { declared, engines } = recorded;
  if ('sql' in declared.body) return sqlRows(rows, recorded);
  if (!Array.isArray(rows)) throw new NotReproducedError('an aggregate needs a list of rows');
  const groups = new Map<string, { key: Json; rows: Json[] }>();
  for (const row of rows) {
    const key = await engines.evaluate(declared.body['groupBy'] as string, row);
    const encoded = canonicalText(key);
    const group = groups.get(encoded) ?? { key, rows: [] };
    groups.set(encoded, group);
    group.rows.push(row);
  }
  const ordered = [...groups].sort(([left], [right]) => byBytes(left, right)).map(([, group]) => group);
  const made: JsonObject[] = ordered.map(({ key }) => objectOf([['key', key]]));
  for (const [name, measure] of Object.entries(declared.body['measures'] as Record<string, string>)) {
    for (const [at, group] of ordered.entries()) {
      (made[at] as JsonObject)[name] = await engines.evaluate(measure, group.rows);
    }
  }
  return made;
}
