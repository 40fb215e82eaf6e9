/**
 * Reads strict JSON: bytes in, a value out, or a StrictJsonError that says where (spec/pcq-v1.md, 1).
 *
 * Refused are a byte order mark, bytes that are no UTF-8, a member name that occurs twice after unescaping, a lone
 * surrogate, a number beyond 2^53 - 1, more than 64 levels, more than 10,000 members in an object, more than 64 MiB.
 */

import { emptyObject, type Json, type JsonObject } from './value.ts';

export const MAX_BYTES = 64 * 1024 * 1024;
export const MAX_DEPTH = 64;
export const MAX_MEMBERS = 10_000;

export class StrictJsonError extends Error {
  override name = 'StrictJsonError';
}

/** A value, and what its spelling was like. */
export interface StrictDocument {
  readonly value: Json;
  /** True when the bytes are exactly `J(value)`: each token was spelled as RFC 8785 spells it, with nothing between. */
  readonly isCanonical: boolean;
  /** True when a member name looks like an index of a list. */
  readonly hasIndexNames: boolean;
}

/** The value of `data`. */
export function parseJson(data: Uint8Array): Json {
  return readJson(data).value;
}

/** The value of `data`, and whether these are its RFC 8785 bytes. */
export function readJson(data: Uint8Array): StrictDocument {
  if (data.length > MAX_BYTES) {
    throw new StrictJsonError(`${data.length} bytes: expected at most ${MAX_BYTES}`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new StrictJsonError('the bytes are no UTF-8');
  }
  if (text.startsWith('\ufeff')) throw new StrictJsonError('byte 0: a byte order mark');
  return new Reader(text).document();
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const HEX = /[0-9a-fA-F]{4}/y;
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const LITERALS: [string, boolean | null][] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

class Reader {
  private at = 0;
  private isCanonical = true;
  private hasIndexNames = false;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): StrictDocument {
    this.skip();
    const value = this.value(0);
    this.skip();
    if (this.at !== this.text.length) throw this.fault('expected the end of the text');
    return { value, isCanonical: this.isCanonical, hasIndexNames: this.hasIndexNames };
  }

  private value(depth: number): Json {
    const first = this.text.charCodeAt(this.at);
    if (first === QUOTE) return this.string();
    if (first === 0x7b || first === 0x5b) {
      if (depth >= MAX_DEPTH) throw this.fault(`more than ${MAX_DEPTH} levels of arrays and objects`);
      this.at += 1;
      return first === 0x7b ? this.object(depth + 1) : this.array(depth + 1);
    }
    if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return this.number();
    for (const [word, value] of LITERALS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    throw this.fault('expected a value');
  }

  private object(depth: number): JsonObject {
    const members = emptyObject();
    let count = 0;
    let before = '';
    this.skip();
    if (this.took(0x7d)) return members;
    for (;;) {
      this.skip();
      if (this.text.charCodeAt(this.at) !== QUOTE) throw this.fault('expected a member name');
      const name = this.string();
      if (name in members) throw this.fault(`member ${JSON.stringify(name.slice(0, 40))} occurs twice`);
      // Texts compare by UTF-16 code units, as RFC 8785, 3.2.3 sorts names.
      if (count && name < before) this.isCanonical = false;
      before = name;
      if (isIndex(name)) this.hasIndexNames = true;
      this.skip();
      if (!this.took(0x3a)) throw this.fault('expected `:`');
      this.skip();
      members[name] = this.value(depth);
      count += 1;
      if (count > MAX_MEMBERS) throw this.fault(`more than ${MAX_MEMBERS} members in one object`);
      this.skip();
      if (this.took(0x7d)) return members;
      if (!this.took(0x2c)) throw this.fault('expected `,` or `}`');
    }
  }

  private array(depth: number): Json[] {
    const items: Json[] = [];
    this.skip();
    if (this.took(0x5d)) return items;
    for (;;) {
      this.skip();
      items.push(this.value(depth));
      this.skip();
      if (this.took(0x5d)) return items;
      if (!this.took(0x2c)) throw this.fault('expected `,` or `]`');
    }
  }

  private string(): string {
    const { text } = this;
    const start = this.at;
    let from = start + 1;
    let read = '';
    for (let at = from; ; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.at = at + 1;
        read = read ? read + text.slice(from, at) : text.slice(from, at);
        break;
      }
      if (unit === BACKSLASH) {
        this.at = at;
        read += text.slice(from, at) + this.escape();
        from = this.at;
        at = from - 1;
      } else if (!(unit >= 0x20)) {
        this.at = at;
        throw this.fault('expected a string without control characters');
      }
    }
    if (from !== start + 1) this.checkEscaped(read, start);
    return read;
  }

  private checkEscaped(read: string, start: number): void {
    // Literal surrogates cannot be lone in decoded UTF-8, so only an escape can have made one.
    if (!read.isWellFormed()) throw this.fault('a lone surrogate in the string');
    if (JSON.stringify(read) !== this.text.slice(start, this.at)) this.isCanonical = false;
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? '';
    if (letter === 'u') {
      this.at += 2;
      const digits = this.match(HEX);
      if (!digits) throw this.fault('expected four hexadecimal digits');
      return String.fromCharCode(parseInt(digits, 16));
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain === undefined) throw this.fault('an unknown escape');
    this.at += 2;
    return plain;
  }

  private number(): number {
    const start = this.at;
    const spelling = this.match(NUMBER);
    if (!spelling) throw this.fault('expected a number');
    const value = Number(spelling);
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      this.at = start;
      throw this.fault('a number beyond 2^53 - 1');
    }
    if (String(value) !== spelling) this.isCanonical = false;
    return value === 0 ? 0 : value;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return '';
    const found = this.text.slice(this.at, pattern.lastIndex);
    this.at = pattern.lastIndex;
    return found;
  }

  private took(unit: number): boolean {
    if (this.text.charCodeAt(this.at) !== unit) return false;
    this.at += 1;
    return true;
  }

  private skip(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.isCanonical = false;
      this.at += 1;
    }
  }

  private fault(message: string): StrictJsonError {
    const got = this.text.slice(this.at, this.at + 12).toWellFormed();
    const seen = got ? `, got ${JSON.stringify(got)}` : '';
    return new StrictJsonError(`character ${this.at}: ${message}${seen}`);
  }
}

function isIndex(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}
