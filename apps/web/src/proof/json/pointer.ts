/** RFC 6901 pointers into recorded values. */

import { isObject, type Json } from './value.ts';

const INDEX = /^(?:0|[1-9][0-9]{0,8})$/;

/** What `pointer` leads to from `value`, or undefined. */
export function follow(value: Json, pointer: string): Json | undefined {
  if (pointer === '') return value;
  if (!pointer.startsWith('/')) return undefined;
  let reached: Json | undefined = value;
  for (const part of pointer.slice(1).split('/')) {
    if (/~(?![01])/.test(part)) return undefined;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isObject(reached)) reached = reached[name];
    else if (Array.isArray(reached) && INDEX.test(name)) reached = reached[Number(name)];
    else return undefined;
    if (reached === undefined) return undefined;
  }
  return reached;
}

/** A member's name as one part of a pointer. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
