/** Which names a body and a term have. */

import type { Body, Term } from './syntax.ts';

const LOCALS = new WeakMap<Body, ReadonlySet<string>>();

/** The names that a body itself gives values to. */
export function localsOf(body: Body): ReadonlySet<string> {
  let names = LOCALS.get(body);
  if (!names) {
    const found = body.flatMap((literal) => {
      if (literal.kind === 'declare') return literal.names;
      if (literal.kind === 'assign') return literal.isUnify ? [] : [literal.name];
      if (literal.kind !== 'some-in') return [];
      return [literal.key, literal.item].flatMap((term) => (term?.kind === 'var' ? [term.name] : []));
    });
    names = new Set(found);
    LOCALS.set(body, names);
  }
  return names;
}

/** Variables that must have a value before a term has one; those in the brackets of a reference get theirs from it. */
export function freeNames(term: Term): string[] {
  switch (term.kind) {
    case 'scalar':
      return [];
    case 'var':
      return [term.name];
    case 'ref':
      return [
        ...freeNames(term.head),
        ...term.path.flatMap((part) => (part.kind === 'var' ? [] : freeNames(part))),
      ];
    case 'call':
      return term.args.flatMap(freeNames);
    case 'array':
    case 'set':
      return term.items.flatMap(freeNames);
    case 'object':
      return term.members.flat().flatMap(freeNames);
    case 'infix':
      return [...freeNames(term.left), ...freeNames(term.right)];
    case 'in':
      return [term.key, term.item, term.within].flatMap((part) => (part ? freeNames(part) : []));
    default:
      // A comprehension gives its own variables values; what it lacks from outside is found when it is evaluated.
      return [];
  }
}

/** `a.b.c` of a head and a path of plain names, or null. */
export function nameOf(head: Term, path: readonly Term[]): string[] | null {
  if (head.kind !== 'var') return null;
  const parts = path.map((part) =>
    part.kind === 'scalar' && typeof part.value === 'string' ? part.value : null,
  );
  return parts.includes(null) ? null : [head.name, ...(parts as string[])];
}

/** Variables in the brackets of the references of a term. */
export function bracketNames(term: Term): string[] {
  switch (term.kind) {
    case 'scalar':
    case 'var':
      return [];
    case 'ref': {
      const own = term.path.flatMap((part) => (part.kind === 'var' ? [part.name] : bracketNames(part)));
      return [...bracketNames(term.head), ...own];
    }
    case 'call':
      return term.args.flatMap(bracketNames);
    case 'array':
    case 'set':
      return term.items.flatMap(bracketNames);
    case 'object':
      return term.members.flat().flatMap(bracketNames);
    case 'infix':
      return [...bracketNames(term.left), ...bracketNames(term.right)];
    case 'in':
      return [term.key, term.item, term.within].flatMap((part) => (part ? bracketNames(part) : []));
    default:
      return [];
  }
}
