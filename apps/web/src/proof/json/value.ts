/** JSON values as the verifier holds them: numbers are finite doubles, objects inherit nothing. */

export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [name: string]: Json;
}

// Objects that inherit from one empty object are as safe as those without a prototype, and engines keep them as fast as
// any other, which they do not do for those.
const Members = function () {
  // Nothing to set.
} as unknown as new () => JsonObject;
Members.prototype = Object.freeze(Object.create(null) as JsonObject);

/** An empty object that inherits no member, so that no name of a stranger means anything. */
export function emptyObject(): JsonObject {
  return new Members();
}

/** An object of these members that inherits nothing. */
export function objectOf(members: Iterable<readonly [string, Json]>): JsonObject {
  const made = emptyObject();
  for (const [name, value] of members) made[name] = value;
  return made;
}

/** True for an object that is no list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a number without a fraction, however it was spelled. */
export function isInteger(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

/** The order of UTF-8 bytes, which is that of code points. */
export function byBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a === b) continue;
    // A surrogate stands for a code point above every other unit.
    const high = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
    return high(a) - high(b);
  }
  return left.length - right.length;
}

/** Number of characters (code points) of a text. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00) {
      length -= 1;
      at += 1;
    }
  }
  return length;
}
