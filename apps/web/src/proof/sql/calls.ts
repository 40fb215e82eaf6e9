/** Reads calls of functions. */

import { isAllowed } from './allowed.ts';
import type { ExpressionReader } from './expressions.ts';
import type { Expr, Key, Over } from './syntax.ts';
import { RESERVED } from './words.ts';

/** True for a word that may be called: a name, or a word of the language that is a function too. */
export function isCallable(word: string): boolean {
  return !RESERVED.has(word) || isAllowed(word);
}

/** `name(…)`, with what an aggregate may have in it and behind it. */
export function readCall(reader: ExpressionReader): Expr {
  const { cursor } = reader;
  const name = cursor.take().text;
  cursor.expect('(');
  if (name === 'count' && cursor.took('*', ')')) return { ...empty('count_star'), ...behind(reader) };
  if (cursor.took(')')) return { ...empty(name), ...behind(reader) };
  const isDistinct = cursor.took('distinct');
  const first = reader.expr();
  if (name === 'position' && cursor.is('in')) throw cursor.fault('expected a comma');
  const args = [first];
  while (cursor.took(',')) args.push(reader.expr());
  const orders = cursor.took('order', 'by') ? readKeys(reader) : [];
  cursor.expect(')');
  return { ...empty(name), args, isDistinct, orders, ...behind(reader) };
}

function empty(name: string): Extract<Expr, { kind: 'call' }> {
  return { kind: 'call', name, args: [], isDistinct: false, orders: [], filter: null, over: null };
}

function behind(reader: ExpressionReader): { filter: Expr | null; over: Over | null } {
  const { cursor } = reader;
  let filter: Expr | null = null;
  if (cursor.took('filter', '(', 'where')) {
    filter = reader.expr();
    cursor.expect(')');
  }
  if (cursor.is('filter', 'within', 'ignore', 'respect', '.', '[')) throw cursor.fault('expected no more');
  return { filter, over: cursor.took('over') ? readOver(reader) : null };
}

function readOver(reader: ExpressionReader): Over {
  const { cursor } = reader;
  cursor.expect('(');
  const partitions = cursor.took('partition', 'by') ? cursor.list(() => reader.expr()) : [];
  const orders = cursor.took('order', 'by') ? readKeys(reader) : [];
  cursor.expect(')');
  return { partitions, orders };
}

/** The keys of an ORDER BY. */
export function readKeys(reader: ExpressionReader): Key[] {
  return reader.cursor.list(() => ({ expr: reader.expr(), ...readDirection(reader) }));
}

/** ASC or DESC, and where NULL stands: last, unless it is said. */
export function readDirection({ cursor }: ExpressionReader): Omit<Key, 'expr'> {
  const isDescending = cursor.took('desc');
  if (!isDescending) cursor.took('asc');
  const areNullsFirst = cursor.took('nulls', 'first');
  if (!areNullsFirst) cursor.took('nulls', 'last');
  return { isDescending, areNullsFirst };
}
