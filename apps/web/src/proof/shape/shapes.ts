/** A small language for closed shapes: checkers that take a value and throw ShapeError where it does not fit. */

import { decodeBase64, isDigest, isTime } from '../encoding.ts';
import { isInteger, isObject, lengthOf, type Json } from '../json/value.ts';

export type Checker = (value: Json) => void;
export type Table = Readonly<Record<string, Checker>>;

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]>=<-]{0,127}$/;

/** A value does not fit; `path` leads to it, put together while the error climbs. */
export class ShapeError extends Error {
  override name = 'ShapeError';
  readonly path: string[] = [];

  get where(): string {
    return this.path.toReversed().join('.') || 'top level';
  }
}

/** The value for a message, cut short. */
export function got(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length <= 60 ? shown : shown.slice(0, 57).toWellFormed() + '...';
}

export const anyValue: Checker = () => undefined;

/** A string of `least` to `most` characters. */
export function text(least = 0, most?: number): Checker {
  return (value) => {
    if (typeof value !== 'string') throw new ShapeError(`expected a string, got ${got(value)}`);
    if (least === 0 && most === undefined) return;
    const length = lengthOf(value);
    if (length < least || (most !== undefined && length > most)) {
      throw new ShapeError(`expected ${least} to ${most} characters, got ${length}`);
    }
  };
}

/** Exactly one of these values. */
export function oneOf(...allowed: readonly (string | number | boolean)[]): Checker {
  return (value) => {
    if (!allowed.some((item) => item === value)) {
      throw new ShapeError(`expected ${allowed.map(got).join(' or ')}, got ${got(value)}`);
    }
  };
}

/** An integer of at least `least`, and at most `most` if that is given. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): Checker {
  return (value) => {
    if (!isInteger(value) || value < least || value > most) {
      throw new ShapeError(`expected an integer from ${least} to ${most}, got ${got(value)}`);
    }
  };
}

export const number: Checker = (value) => {
  if (typeof value !== 'number') throw new ShapeError(`expected a number, got ${got(value)}`);
};

export const textOrNumber: Checker = (value) => {
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw new ShapeError(`expected a string or a number, got ${got(value)}`);
  }
};

/** A string of this pattern, which is anchored at both ends. */
export function spelled(pattern: RegExp, what: string): Checker {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) {
      throw new ShapeError(`expected ${what}, got ${got(value)}`);
    }
  };
}

export const identifier = spelled(IDENTIFIER, 'an identifier');
export const hexDigits = spelled(/^[0-9a-f]{32}$/, '32 lowercase hexadecimal digits');

export const digestText: Checker = (value) => {
  if (!isDigest(value))
    throw new ShapeError(`expected sha256: and 64 lowercase hexadecimal digits, got ${got(value)}`);
};

export const time: Checker = (value) => {
  if (!isTime(value)) throw new ShapeError(`expected a time such as 2026-01-31T12:00:00Z, got ${got(value)}`);
};

/** `base64:` and canonical Base64, of `length` bytes if that is given. */
export function base64Bytes(length?: number): Checker {
  return (value) => {
    const data = decodeBase64(value);
    if (data === null)
      throw new ShapeError(`expected base64: and canonical padded Base64, got ${got(value)}`);
    if (length !== undefined && data.length !== length) {
      throw new ShapeError(`expected ${length} bytes, got ${data.length}`);
    }
  };
}

export function nullable(checker: Checker): Checker {
  return (value) => {
    if (value !== null) checker(value);
  };
}

/** A list of `least` to `most` items. */
export function array(item: Checker, least = 0, most = Infinity): Checker {
  return (value) => {
    if (!Array.isArray(value)) throw new ShapeError(`expected an array, got ${got(value)}`);
    if (value.length < least) throw new ShapeError(`expected at least ${least} items, got ${value.length}`);
    if (value.length > most) throw new ShapeError(`expected at most ${most} items, got ${value.length}`);
    value.forEach((element, index) => enter(item, element, String(index)));
  };
}

/** A list of strings or numbers of which none occurs twice. */
export function distinct(item: Checker, least = 0): Checker {
  const items = array(item, least);
  return (value) => {
    items(value);
    const list = value as Json[];
    if (new Set(list).size !== list.length) throw new ShapeError('an item occurs twice');
  };
}

/** An object with any names that `name` takes and values that `item` takes. */
export function mapping(item: Checker, name: Checker = anyValue): Checker {
  return (value) => {
    if (!isObject(value)) throw new ShapeError(`expected an object, got ${got(value)}`);
    for (const key of Object.keys(value)) {
      enter(name, key, key);
      enter(item, value[key] as Json, key);
    }
  };
}

/** An object with exactly `members`, and `optional` ones if they are there. */
export function closed(members: Table, optional: Table = {}): Checker {
  return objectOfShape(members, optional, false);
}

/** An object with at least `members`; further ones are let be. */
export function open(members: Table, optional: Table = {}): Checker {
  return objectOfShape(members, optional, true);
}

function objectOfShape(members: Table, optional: Table, isOpen: boolean): Checker {
  const table = new Map([...Object.entries(members), ...Object.entries(optional)]);
  const wanted = Object.keys(members);
  return (value) => {
    if (!isObject(value)) throw new ShapeError(`expected an object, got ${got(value)}`);
    for (const key of Object.keys(value)) {
      const checker = table.get(key);
      if (checker) enter(checker, value[key] as Json, key);
      else if (!isOpen) throw new ShapeError(`unknown member ${got(key)}`);
    }
    for (const key of wanted) {
      if (!(key in value)) throw new ShapeError(`member ${got(key)} is missing`);
    }
  };
}

function enter(checker: Checker, value: Json, name: string): void {
  try {
    checker(value);
  } catch (error) {
    if (error instanceof ShapeError) error.path.push(name);
    throw error;
  }
}
