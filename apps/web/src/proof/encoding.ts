/** The small encodings of the format: digests, Base64 texts, pre-authentication encoding, times (spec/pcq-v1.md, 1). */

import { sha256 } from '@noble/hashes/sha2.js';

import { concat, fromBase64, hex, spelledBehind, utf8 } from './bytes.ts';
import { canonicalText } from './json/canonical.ts';
import type { Json } from './json/value.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TIME = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?Z$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** SHA-256, 32 bytes. */
export function hashOf(data: Uint8Array): Uint8Array {
  return summed(data).slice();
}

/** `S(H(data))`. */
export function digest(data: Uint8Array): string {
  return 'sha256:' + hex(summed(data));
}

// One for all: a proof has 100,000 small hashes, and to set up the state of one costs as much as to compute it.
const FRESH = sha256.create();
const STATE = sha256.create();
const SUM = new Uint8Array(32);

/** SHA-256 in bytes that are good until the next call. */
function summed(data: Uint8Array): Uint8Array {
  FRESH._cloneInto(STATE);
  STATE.update(data).digestInto(SUM);
  return SUM;
}

/** `S(H(J(value)))`. */
export function digestOf(value: Json): string {
  return digest(spelledBehind(canonicalText(value)));
}

/** True for `sha256:` and 64 lowercase hexadecimal digits. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

/** The bytes of `base64:` and canonical Base64, or null. */
export function decodeBase64(value: unknown): Uint8Array | null {
  return typeof value === 'string' && value.startsWith('base64:') ? fromBase64(value.slice(7)) : null;
}

/** DSSE v1 pre-authentication encoding with the payload type of a `.pcq` statement. */
export function pae(kind: string, body: Uint8Array): Uint8Array {
  const type = `application/vnd.pcq.${kind}.v1+json`;
  return concat(utf8(`DSSEv1 ${type.length} ${type} ${body.length} `), body);
}

/** True for a time of spec/pcq-v1.md, 1.4. */
export function isTime(value: unknown): value is string {
  return partsOf(value) !== null;
}

/** Microseconds since 1970 of a time, or null when it is none. */
export function instant(value: unknown): bigint | null {
  const parts = partsOf(value);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second, micros] = parts;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  return BigInt(at.getTime()) * 1000n + BigInt(micros);
}

type Parts = [number, number, number, number, number, number, number];

function partsOf(value: unknown): Parts | null {
  const match = typeof value === 'string' ? TIME.exec(value) : null;
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Parts;
  if (year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return null;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const most = (DAYS[month - 1] ?? 0) + (month === 2 && leap ? 1 : 0);
  if (day < 1 || day > most) return null;
  return [year, month, day, hour, minute, second, Number((match[7] ?? '').padEnd(6, '0'))];
}
