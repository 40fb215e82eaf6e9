/** What the engine calls a column that has no name of its own. */

import type { Column } from './scope.ts';
import type { Expr } from './syntax.ts';
import { OTHER, RESERVED } from './words.ts';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The name of an entry without AS, null where only the engine knows it; `at` is the number of a plain column. */
export function nameOfEntry(expr: Expr, columns: readonly Column[], at: number | null): string | null {
  if (expr.kind === 'column' || expr.kind === 'at') return at === null ? null : (columns[at]?.name ?? null);
  if (expr.kind !== 'call' || expr.over || expr.filter || expr.orders.length || !PLAIN.test(expr.name))
    return null;
  if (expr.name === 'count_star') return 'count_star()';
  if (expr.name === 'coalesce' || RESERVED.has(expr.name) || OTHER.has(expr.name)) return null;
  const args = expr.args.map(spelled);
  if (args.includes(null)) return null;
  return `${expr.name}(${expr.isDistinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
}

/** A column as the engine writes it, which quotes words of the language. */
function spelled(expr: Expr): string | null {
  if (expr.kind !== 'column') return null;
  const isPlain = (name: string): boolean =>
    PLAIN.test(name) && !RESERVED.has(name.toLowerCase()) && !OTHER.has(name.toLowerCase());
  return expr.names.every(isPlain) ? expr.names.join('.') : null;
}
