/** The rows of a FROM. */

import { Binder } from './binder.ts';
import { column, unknown, type Bound } from './bound.ts';
import { alike } from './casts.ts';
import { beside, conjuncts, joinedRows, merged, type Match } from './joins.ts';
import { condition } from './logic.ts';
import { innerOf, renamed, runQuery, settle, type Result, type World } from './queries.ts';
import { rangeIn, relationOf, Scope, type Column, type Relation } from './scope.ts';
import { folded, type Expr, type From } from './syntax.ts';

type Join = Extract<From, { readonly kind: 'join' }>;

export function fromOf(from: From, world: World): Relation {
  switch (from.kind) {
    case 'table':
      return table(from, world);
    case 'derived': {
      // Names that are not in it may be those of a table beside it.
      const result = runQuery(from.query, { ...world, isOutermost: false, isInner: true });
      return aliased(renamed(result, from.columns), from.alias);
    }
    case 'join':
      return join(from, world);
  }
}

function table({ alias, columns, name }: Extract<From, { kind: 'table' }>, world: World): Relation {
  const key = folded(name);
  const named = world.named.get(key);
  if (named) return aliased(renamed(named(), columns), alias ?? name);
  const found = [...world.tables].find(([own]) => folded(own) === key)?.[1];
  if (!found) throw unknown(`the query ${name} of WITH at this place`);
  if (columns.length) throw unknown('other names for the columns of a table');
  world.work.spend(found.rows.length);
  const own: Omit<Column, 'isHidden'>[] = found.names.map((label, at) => {
    const type = found.types[at] as Column['type'];
    return { table: folded(alias ?? name), name: label, type, range: rangeIn(found.rows, at, type) };
  });
  return relationOf(own, found.rows, true);
}

function aliased(result: Result, alias: string | null): Relation {
  const names = result.columns.flatMap(({ name }) => (name === null ? [] : [folded(name)]));
  if (new Set(names).size < names.length) throw unknown('columns of one name in an inner query');
  const columns = result.columns.map((item) => ({ ...item, table: alias === null ? null : folded(alias) }));
  return relationOf(columns, result.rows, false);
}

function join(from: Join, world: World): Relation {
  const [left, right] = [fromOf(from.left, world), fromOf(from.right, world)];
  const widths: [number, number] = [left.columns.length, right.columns.length];
  let relation = beside(left, right);
  let conditions: Bound[] = [];
  if (from.using.length) {
    if (from.join === 'right') throw unknown('RIGHT JOIN with USING');
    ({ relation, on: conditions } = merged(relation, widths[0], from.using));
  }
  const matches: Match[] = [];
  const residual: Bound[] = [...conditions];
  const binder = new Binder(new Scope(relation.columns, true), world.work, innerOf(world));
  for (const expr of from.on ? conjuncts(from.on) : []) {
    const match = matchOf(expr, binder, widths[0]);
    if (match) matches.push(match);
    else residual.push(condition(binder.bind(expr)));
  }
  matches.push(...from.using.map((name) => usingMatch(name, left, right)));
  const checks = [...residual, ...matches.flatMap((match) => [match.left, match.right])].flatMap(
    (bound) => bound.checks,
  );
  settle(checks, relation, false, world);
  const { isMet, rows } = joinedRows(from.join, left.rows, right.rows, widths, matches, residual, world.work);
  // The engine takes such a join for one without rows where it compares a sum, and gives other groups.
  if (!isMet && rows.length && world.hasSum) throw unknown('a sum over an outer join that finds nothing');
  return { ...relation, rows };
}

/** The two sides of an `=` between the tables, or null. */
function matchOf(expr: Expr, binder: Binder, width: number): Match | null {
  if (expr.kind !== 'compare' || (expr.operator !== '=' && expr.operator !== '==')) return null;
  const [a, b] = alike([binder.bind(expr.left), binder.bind(expr.right)]) as [Bound, Bound];
  if (['LIST', 'STRUCT', 'NULL'].includes(a.type.kind)) return null;
  const isLeft = ({ refs }: Bound): boolean => refs.size > 0 && [...refs].every((at) => at < width);
  const isRight = ({ refs }: Bound): boolean => refs.size > 0 && [...refs].every((at) => at >= width);
  if (isLeft(a) && isRight(b)) return { left: a, right: b };
  return isLeft(b) && isRight(a) ? { left: b, right: a } : null;
}

function usingMatch(name: string, left: Relation, right: Relation): Match {
  const side = ({ columns }: Relation, from: number): Bound => {
    const at = new Scope(columns, true).find([name]) as number;
    const { range, type } = columns[at] as Column;
    return column(type, at + from, range);
  };
  return { left: side(left, 0), right: side(right, left.columns.length) };
}
