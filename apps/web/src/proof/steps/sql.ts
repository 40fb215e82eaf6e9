/** SQL in place of JSONata (spec/execution.md, 3.1): its shape. There is no engine for it here. */

import { mapping, oneOf, open, ShapeError, text, type Checker } from '../shape/shapes.ts';
import type { JsonObject } from '../json/value.ts';
import { UnavailableError } from '../values.ts';

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

/** Throws UnavailableError for a step that has SQL: the check is incomplete, as it is where an engine is missing. */
export function refuseSql(body: JsonObject): void {
  if ('sql' in body) throw new UnavailableError('SQL is not evaluated here; pcq-verify does');
}
