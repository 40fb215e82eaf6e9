/** Bytes and their texts: UTF-8, hexadecimal, canonical Base64. */

const ENCODER = new TextEncoder();
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const VALUES = new Uint8Array(128).fill(255);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/** UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

let scratch = new Uint8Array(4096);

/** `head`, then UTF-8 of `text`: a view that is good until the next call, since most bytes are only hashed. */
export function spelledBehind(text: string, ...heads: Uint8Array[]): Uint8Array {
  const before = heads.reduce((sum, part) => sum + part.length, 0);
  const most = before + text.length * 3;
  if (most > scratch.length) scratch = new Uint8Array(most * 2);
  let at = 0;
  for (const head of heads) {
    scratch.set(head, at);
    at += head.length;
  }
  return scratch.subarray(0, at + encoded(text, at));
}

function encoded(text: string, from: number): number {
  if (text.length > 300) return ENCODER.encodeInto(text, scratch.subarray(from)).written;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return ENCODER.encodeInto(text, scratch.subarray(from)).written;
    scratch[from + at] = unit;
  }
  return text.length;
}

/** One array of all of them. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** True when both have the same bytes. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** Lowercase hexadecimal digits. */
export function hex(data: Uint8Array): string {
  let text = '';
  for (let at = 0; at < data.length; at++) text += HEX[data[at] as number];
  return text;
}

/** The bytes of hexadecimal digits; the caller has checked that they are some. */
export function unhex(text: string): Uint8Array {
  const data = new Uint8Array(text.length / 2);
  for (let at = 0; at < data.length; at++) data[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return data;
}

/** The bytes of canonical padded Base64, or null: of the 16 spellings of one byte only one is good. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const data = new Uint8Array((text.length / 4) * 3 - padding);
  const digits = text.length - padding;
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < digits; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? 255;
    if (value === 255) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      data[at++] = (held >> bits) & 0xff;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? data : null;
}

/** Canonical padded Base64. */
export function toBase64(data: Uint8Array): string {
  let text = '';
  for (let at = 0; at < data.length; at += 3) {
    const left = data.length - at;
    const held = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    text += ALPHABET.charAt(held >> 18) + ALPHABET.charAt((held >> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((held >> 6) & 63) : '=';
    text += left > 2 ? ALPHABET.charAt(held & 63) : '=';
  }
  return text;
}
