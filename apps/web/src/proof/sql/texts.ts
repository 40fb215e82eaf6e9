/** Functions of texts: characters are code points. */

import { lengthOf } from '../json/value.ts';
import { unknown } from './bound.ts';

const MOST_LETTERS = 4_000_000;
const ASCII = /^[\0-\x7f]*$/;

/** Letters of other alphabets are left to the engine's own tables. */
function ascii(text: string): string {
  if (!ASCII.test(text)) throw unknown('letters beyond ASCII in upper or lower case');
  return text;
}

export const lower = (text: string): string => ascii(text).toLowerCase();
export const upper = (text: string): string => ascii(text).toUpperCase();
export const reverse = (text: string): string => [...ascii(text)].reverse().join('');

/** Where `part` begins, counted from 1, or 0. */
export function position(text: string, part: string): bigint {
  const at = text.indexOf(part);
  return at < 0 ? 0n : BigInt(lengthOf(text.slice(0, at)) + 1);
}

export function replaced(text: string, part: string, by: string): string {
  if (!part) return text;
  const parts = text.split(part);
  if (parts.length * by.length > MOST_LETTERS) throw unknown('so long a text');
  return parts.join(by);
}

/** `count` characters from number `from`, counted from 1. */
export function substring(text: string, from: bigint, count: bigint | null): string {
  if (from < 1n || (count !== null && count < 0n))
    throw unknown('substr from below 1 or of a negative length');
  const letters = [...text];
  const start = Number(from) - 1;
  return letters.slice(start, count === null ? undefined : start + Number(count)).join('');
}

export function first(text: string, count: bigint): string {
  if (count < 0n) throw unknown('left with a negative number');
  return [...text].slice(0, Number(count)).join('');
}

export function last(text: string, count: bigint): string {
  if (count < 0n) throw unknown('right with a negative number');
  const letters = [...text];
  return letters.slice(Math.max(0, letters.length - Number(count))).join('');
}

/** The text without these characters at its ends. */
export function trimmed(text: string, letters: string, isLeft: boolean, isRight: boolean): string {
  const all = [...text];
  const cut = new Set(letters);
  let [from, to] = [0, all.length];
  while (isLeft && from < to && cut.has(all[from] as string)) from += 1;
  while (isRight && to > from && cut.has(all[to - 1] as string)) to -= 1;
  return all.slice(from, to).join('');
}

/** Part number `at`, counted from 1, of a text cut at every `separator`. */
export function splitPart(text: string, separator: string, at: bigint): string {
  if (at < 1n || !separator) throw unknown('split_part from the end or without a separator');
  return text.split(separator)[Number(at) - 1] ?? '';
}

/** True when the text is like the pattern: `%` stands for any characters, `_` for one. */
export function isLike(text: string, pattern: string): boolean {
  const [letters, parts] = [[...text], [...pattern]];
  let [at, part, star, back] = [0, 0, -1, 0];
  while (at < letters.length) {
    if (parts[part] === '%') {
      star = part++;
      back = at;
    } else if (part < parts.length && (parts[part] === '_' || parts[part] === letters[at])) {
      part += 1;
      at += 1;
    } else if (star >= 0) {
      part = star + 1;
      at = ++back;
    } else return false;
  }
  while (parts[part] === '%') part += 1;
  return part === parts.length;
}
