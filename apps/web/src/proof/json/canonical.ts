/** Writes RFC 8785: one value, one spelling. */

import { utf8 } from '../bytes.ts';
import type { StrictDocument } from './strict.ts';
import type { Json, JsonObject } from './value.ts';

/** `J(value)` as bytes. */
export function canonical(value: Json): Uint8Array {
  return utf8(canonicalText(value));
}

/**
 * `J` of what was read from RFC 8785 bytes. Their order of names is that of the object, except for names that look like
 * an index, which engines put first.
 */
export function writerOf(document: StrictDocument): (value: Json) => string {
  return document.isCanonical && !document.hasIndexNames ? (value) => JSON.stringify(value) : canonicalText;
}

/** `J(value)` as text; throws RangeError for a number that is not finite and for a lone surrogate. */
export function canonicalText(value: Json): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`${value} is not finite`);
      // RFC 8785 takes its numbers from ECMAScript: minus zero is `0`.
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
  }
  if (value === null) return 'null';
  if (!Array.isArray(value)) return objectText(value);
  let text = '[';
  for (let at = 0; at < value.length; at++) {
    if (at) text += ',';
    text += canonicalText(value[at] as Json);
  }
  return text + ']';
}

function objectText(members: JsonObject): string {
  // The default order of `sort` is that of UTF-16 code units, as RFC 8785, 3.2.3 wants it.
  const names = Object.keys(members).sort();
  let text = '{';
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    if (at) text += ',';
    text += quoted(name) + ':' + canonicalText(members[name] as Json);
  }
  return text + '}';
}

// Nothing to escape, and nothing that could be half of a character.
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate');
  // ECMAScript's QuoteJSONString escapes what RFC 8785, 3.2.2.2 escapes, in the same way.
  return JSON.stringify(text);
}
