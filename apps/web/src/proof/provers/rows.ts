/** `row_count`, `completeness`, `freshness`: how many rows, how full, how old (spec/provers.md, 7 to 9). */

import { instant } from '../encoding.ts';
import type { Json, JsonObject } from '../json/value.ts';
import { distinct, integer, number, ShapeError, text, type Checker } from '../shape/shapes.ts';
import { claimOf, judgement, POINTER, pointerOf, rowsAt, valueAt, withOneOf, type Prover } from './prover.ts';

export const rowCount: Prover = {
  phase: 'postconditions',
  claim: withOneOf(
    ['minimum', 'maximum'],
    claimOf({}, { minimum: integer(0), maximum: integer(0), ...POINTER }),
  ),
  judge(claim, scope) {
    const value = valueAt(claim, scope);
    const rows = Array.isArray(value) ? value.length : null;
    const evidence = { pointer: pointerOf(claim), rows };
    if (rows === null) return judgement('error', 'row_count.no_list', evidence);
    const { minimum = 0, maximum = rows } = claim as { minimum?: number; maximum?: number };
    if (rows < minimum) return judgement('fail', 'row_count.too_few', evidence);
    if (rows > maximum) return judgement('fail', 'row_count.too_many', evidence);
    return judgement('pass', 'row_count.met', evidence);
  },
};

const fraction: Checker = (value) => {
  number(value);
  if ((value as number) < 0 || (value as number) > 1) throw new ShapeError('expected a number from 0 to 1');
};

export const completeness: Prover = {
  phase: 'postconditions',
  claim: claimOf({ fields: distinct(text(), 1), minimum: fraction }, POINTER),
  judge(claim, scope) {
    const pointer = pointerOf(claim);
    const rows = rowsAt(claim, scope);
    if (!rows) {
      const evidence = { pointer, rows: null, filled: null, cells: null, value: null };
      return judgement('error', 'completeness.no_rows', evidence);
    }
    const fields = claim['fields'] as string[];
    const isFilled = (cell: Json | undefined): boolean => cell !== undefined && cell !== null && cell !== '';
    const filled = rows.reduce((sum, row) => sum + fields.filter((name) => isFilled(row[name])).length, 0);
    const cells = rows.length * fields.length;
    const value = cells ? filled / cells : null;
    const evidence = { pointer, rows: rows.length, filled, cells, value };
    if (value === null) return judgement('error', 'completeness.no_cells', evidence);
    if (value >= (claim['minimum'] as number)) return judgement('pass', 'completeness.met', evidence);
    return judgement('fail', 'completeness.not_met', evidence);
  },
};

export const freshness: Prover = {
  phase: 'postconditions',
  claim: claimOf({ field: text(), maximumAgeSeconds: integer(0) }, POINTER),
  judge(claim, scope) {
    const { logicalTime } = scope.manifest.context;
    const rows = rowsAt(claim, scope);
    const oldest = rows && oldestOf(rows, claim['field'] as string);
    const evidence = {
      pointer: pointerOf(claim),
      rows: rows && rows.length,
      oldest: oldest ? oldest.spelled : null,
      now: logicalTime,
    };
    if (!rows) return judgement('error', 'freshness.no_rows', evidence);
    if (!rows.length) return judgement('error', 'freshness.empty', evidence);
    if (!oldest) return judgement('error', 'freshness.not_a_time', evidence);
    const now = instant(logicalTime) ?? 0n;
    if (oldest.newest > now) return judgement('error', 'freshness.future', evidence);
    const most = BigInt(claim['maximumAgeSeconds'] as number) * 1_000_000n;
    if (now - oldest.at <= most) return judgement('pass', 'freshness.met', evidence);
    return judgement('fail', 'freshness.stale', evidence);
  },
};

interface Oldest {
  readonly at: bigint;
  readonly spelled: string;
  readonly newest: bigint;
}

/** The earliest time as it is spelled, of equal instants the first, and the latest; null when a member is no time. */
function oldestOf(rows: readonly JsonObject[], field: string): Oldest | null {
  let found: Oldest | undefined;
  for (const row of rows) {
    const spelled = row[field];
    const at = instant(spelled);
    if (at === null) return null;
    const newest: bigint = found && found.newest > at ? found.newest : at;
    found =
      found && found.at <= at
        ? { at: found.at, spelled: found.spelled, newest }
        : { at, spelled: spelled as string, newest };
  }
  return found ?? null;
}
