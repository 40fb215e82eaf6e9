/** Tables side by side: every pair of rows for which a condition is true. */

import { unknown, type Bound } from './bound.ts';
import { keyOf } from './compare.ts';
import { equal } from './logic.ts';
import type { Column, Part, Relation } from './scope.ts';
import { Scope } from './scope.ts';
import { folded, type Expr } from './syntax.ts';
import { column } from './bound.ts';
import { sameType, type Row, type Value } from './types.ts';
import type { Work } from './work.ts';

export type Kind = 'inner' | 'left' | 'right' | 'cross';

/** Both next to each other, without rows. */
export function beside(left: Relation, right: Relation): Relation {
  const names = new Set(left.columns.map(({ table }) => table));
  if (right.columns.some(({ table }) => table !== null && names.has(table))) {
    throw unknown('two tables of one name side by side');
  }
  const width = left.columns.length;
  const parts: Part[] = right.parts.map(({ from, rows, to }) => ({
    from: from + width,
    to: to + width,
    rows,
  }));
  return { columns: [...left.columns, ...right.columns], rows: [], parts: [...left.parts, ...parts] };
}

/** The two with the columns of USING made one, and the condition that they are equal. */
export function merged(
  both: Relation,
  width: number,
  using: readonly string[],
): { relation: Relation; on: Bound[] } {
  const [left, right] = [both.columns.slice(0, width), both.columns.slice(width)];
  const columns: Column[] = [...both.columns];
  const on = using.map((name) => {
    const first = new Scope(left, true).find([name]);
    const second = new Scope(right, true).find([name]);
    if (first === null || second === null) throw unknown(`USING (${name})`);
    const [a, b] = [left[first] as Column, right[second] as Column];
    if (!sameType(a.type, b.type)) throw unknown(`USING (${folded(name)}) of two types`);
    columns[width + second] = { ...b, isHidden: true };
    return equal(column(a.type, first, a.range), column(b.type, width + second, b.range));
  });
  return { relation: { ...both, columns }, on };
}

/** The conditions that stand between ANDs. */
export function conjuncts(expr: Expr): Expr[] {
  return expr.kind === 'logic' && expr.operator === 'and'
    ? [...conjuncts(expr.left), ...conjuncts(expr.right)]
    : [expr];
}

/** Two sides of an `=` that look at one table each: rows are found by them without trying every pair. */
export interface Match {
  readonly left: Bound;
  readonly right: Bound;
}

// What a row that is kept takes of memory, beside its values.
const KEPT = 8;

export function joinedRows(
  kind: Kind,
  left: readonly Row[],
  right: readonly Row[],
  widths: readonly [number, number],
  matches: readonly Match[],
  conditions: readonly Bound[],
  work: Work,
): { rows: Row[]; isMet: boolean } {
  const nothing = (width: number): Value[] => new Array<Value>(width).fill(null);
  const candidates = candidatesOf(right, widths[0], matches);
  const each = 1 + widths[1] / 8 + conditions.reduce((sum, { cost }) => sum + cost, 0);
  const met = new Set<Row>();
  const found: Row[] = [];
  let isAnyMet = false;
  for (const row of left) {
    let isMet = false;
    const padded = matches.length ? [...row, ...nothing(widths[1])] : row;
    for (const other of candidates(padded)) {
      work.spend(each);
      const pair = [...row, ...other];
      if (!conditions.every((condition) => condition.run(pair) === true)) continue;
      isMet = true;
      isAnyMet = true;
      if (kind === 'right') met.add(other);
      work.spend(KEPT + pair.length);
      found.push(pair);
    }
    work.spend(each);
    if (kind === 'left' && !isMet) found.push([...row, ...nothing(widths[1])]);
  }
  if (kind === 'right') {
    for (const other of right) if (!met.has(other)) found.push([...nothing(widths[0]), ...other]);
  }
  return { rows: found, isMet: isAnyMet };
}

function candidatesOf(
  right: readonly Row[],
  width: number,
  matches: readonly Match[],
): (row: Row) => readonly Row[] {
  if (!matches.length) return () => right;
  const nothing = new Array<Value>(width).fill(null);
  const byKey = new Map<string, Row[]>();
  for (const row of right) {
    const pair = [...nothing, ...row];
    const key = keyFor(matches.map((match) => match.right.run(pair)));
    if (key === null) continue;
    const known = byKey.get(key);
    if (known) known.push(row);
    else byKey.set(key, [row]);
  }
  return (row) => byKey.get(keyFor(matches.map((match) => match.left.run(row))) ?? '') ?? [];
}

/** The key of what must be equal; null where one of it is null, which nothing is equal to. */
function keyFor(values: readonly Value[]): string | null {
  return values.includes(null) ? null : `=${keyOf(values)}`;
}
