/** SQL in place of JSONata (spec/execution.md, 3.1): its shape, and its rows. */

import { mapping, oneOf, open, ShapeError, text, type Checker } from '../shape/shapes.ts';
import type { Json, JsonObject } from '../json/value.ts';
import type { Declared } from '../sql/tables.ts';
import type { Recorded } from './kind.ts';

const COLUMNS = mapping(mapping(oneOf('BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR', 'JSON')));
const WITH_SQL = open({ sql: text(1, 65_536) }, { columns: COLUMNS });

/** A step that has SQL, or else what `other` takes with `members`, but not both. */
export function orSql(other: Checker, members: readonly string[]): Checker {
  return (value) => {
    const body = value as JsonObject;
    if (!('sql' in body) && !('columns' in body)) {
      other(value);
      return;
    }
    WITH_SQL(value);
    const both = members.find((name) => name in body);
    if (both !== undefined) throw new ShapeError(`expected either sql or ${both}, got both`);
  };
}

/** The rows of a step that has SQL; throws EvaluationError, and UnavailableError where they are not known. */
export function sqlRows(inputs: Json, { declared, engines, manifest }: Recorded): Json {
  const { body } = declared;
  const named = (manifest.contextValue['engines'] as JsonObject)['sql'];
  return engines.rows(named, body['sql'] as string, inputs, (body['columns'] ?? {}) as Declared);
}
