/** Casts, those that are written and those that an operator makes of what stands beside it. */

import { constant, made, noMinusZero, NOTHING, RowError, strict, unknown, type Bound } from './bound.ts';
import { dayOf, dateText, instantOf, instantText, MICROS_A_DAY } from './dates.ts';
import {
  BIGINT,
  boundsOf,
  commonType,
  decimalOf,
  isWhole,
  nameOf,
  sameType,
  type Decimal,
  type Range,
  type Type,
  type Value,
  type Whole,
} from './types.ts';

const SAFE = 2n ** 53n;

/** Both as what they have in common; throws UnavailableError. */
export function alike(bounds: readonly Bound[]): Bound[] {
  const typed = bounds.filter((bound) => !bound.isText);
  const [first] = typed.length ? typed : bounds;
  if (!first) return [];
  let type = typed.reduce((common, bound) => commonType(common, bound.type), first.type);
  if (type.kind === 'NULL' && typed.length < bounds.length) {
    type = (bounds.find((bound) => bound.isText) as Bound).type;
  }
  return bounds.map((bound) => converted(bound, type));
}

/** What the engine makes of it beside something of this type, without being told; throws UnavailableError. */
export function converted(bound: Bound, type: Type): Bound {
  if (sameType(bound.type, type)) return bound;
  if (bound.type.kind === 'NULL') return { ...bound, type };
  if (bound.isText && (type.kind === 'DATE' || type.kind === 'TIMESTAMP')) return cast(bound, type, false);
  if (!sameType(commonType(bound.type, type), type))
    throw unknown(`${nameOf(bound.type)} as ${nameOf(type)}`);
  return cast(bound, type, false);
}

/** `CAST` and `TRY_CAST`. */
export function cast(bound: Bound, type: Type, isTry: boolean): Bound {
  if (bound.type.kind === 'NULL') return { ...NOTHING, type };
  if (sameType(bound.type, type)) return { ...bound, isText: false };
  if (bound.type.kind === 'VARCHAR') return ofText(bound, type, isTry);
  if (type.kind === 'VARCHAR') return strict(type, [bound], textOf(bound.type));
  if (type.kind === 'DOUBLE') return strict(type, [bound], doubleOf(bound.type));
  if (isWhole(type)) return toWhole(bound, type.kind, isTry);
  if (type.kind === 'DECIMAL') return toDecimal(bound, type);
  if (type.kind === 'BOOLEAN' && isWhole(bound.type))
    return strict(type, [bound], (value: bigint) => value !== 0n);
  if (type.kind === 'DATE' && bound.type.kind === 'TIMESTAMP') return strict(type, [bound], floorDay);
  if (type.kind === 'TIMESTAMP' && bound.type.kind === 'DATE') {
    return strict(type, [bound], (value: bigint) => value * MICROS_A_DAY);
  }
  throw unknown(`a cast of ${nameOf(bound.type)} to ${nameOf(type)}`);
}

function floorDay(value: bigint): bigint {
  const rest = ((value % MICROS_A_DAY) + MICROS_A_DAY) % MICROS_A_DAY;
  return (value - rest) / MICROS_A_DAY;
}

/** As the engine writes values of this type as text. */
export function textOf(type: Type): (value: Value & (bigint | number)) => string {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'HUGEINT':
      return String;
    case 'DOUBLE':
      return (value) => doubleText(value as number);
    case 'DECIMAL':
      return (value) => decimalText(value as bigint, type.scale);
    case 'DATE':
      return (value) => dateText(value as bigint);
    case 'TIMESTAMP':
      return (value) => instantText(value as bigint, ' ');
    default:
      throw unknown(`${nameOf(type)} as a text`);
  }
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) throw unknown('an infinite number as a text');
  noMinusZero(value);
  // The shortest digits that give the number again, as ECMAScript writes them; only the notation is another.
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) {
    const text = Math.abs(exponent) < 20 ? plain(digits, exponent) : '';
    return text.includes('.') ? text : `${text}.0`;
  }
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : '';
  const all = digits.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  const padded = all.padEnd(exponent + 1, '0');
  const rest = padded.slice(exponent + 1);
  return sign + padded.slice(0, exponent + 1) + (rest ? `.${rest}` : '');
}

/** A decimal with all its places. */
export function decimalText(value: bigint, scale: number): string {
  if (!scale) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The double of a value of this type; throws UnavailableError where it is not exact, or not certain to be the nearest. */
function doubleOf(type: Type): (value: Value & bigint) => number {
  if (type.kind === 'BOOLEAN') return Number;
  const scale = type.kind === 'DECIMAL' ? type.scale : 0;
  if (!isWhole(type) && type.kind !== 'DECIMAL') throw unknown(`a cast of ${nameOf(type)} to DOUBLE`);
  const power = 10 ** scale;
  return (value) => {
    if (value > SAFE || value < -SAFE || scale > 22) throw unknown('a number of so many digits as a double');
    return Number(value) / power;
  };
}

function toWhole(bound: Bound, kind: Whole, isTry: boolean): Bound {
  const bounds = boundsOf(kind);
  const { type } = bound;
  const fit = (value: bigint): Value => {
    if (value >= bounds[0] && value <= bounds[1]) return value;
    if (isTry) return null;
    throw new RowError(`${value} is out of the bounds of ${kind}`);
  };
  const made = (apply: (value: never) => Value, range: Range | null): Bound => {
    const isWithin = range !== null && range[0] >= bounds[0] && range[1] <= bounds[1];
    return strict({ kind }, [bound], apply, { range, mayFail: !isTry && !isWithin });
  };
  if (type.kind === 'BOOLEAN') return made((value: boolean) => (value ? 1n : 0n), [0n, 1n]);
  if (isWhole(type)) return made(fit, bound.range);
  if (type.kind === 'DECIMAL') return made((value: bigint) => fit(roundedAway(value, type.scale)), null);
  if (type.kind !== 'DOUBLE') throw unknown(`a cast of ${nameOf(type)} to ${kind}`);
  return made((value: number) => {
    // Near the bounds the engine compares doubles.
    if (Number.isFinite(value) && Math.abs(value) > 2 ** 62)
      throw unknown('so large a double as a whole number');
    if (Number.isFinite(value)) return fit(BigInt(roundedEven(value)));
    if (isTry) return null;
    throw new RowError(`${value} is no whole number`);
  }, null);
}

function roundedEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 ? below + 1 : below;
}

function roundedAway(value: bigint, scale: number): bigint {
  const power = 10n ** BigInt(scale);
  const half = power / 2n;
  return (value < 0n ? value - half : value + half) / power;
}

function toDecimal(bound: Bound, type: Decimal): Bound {
  const { scale, width } = decimalOf(bound.type);
  if (type.scale < scale || type.width - type.scale < width - scale)
    throw unknown('a cast to a narrower DECIMAL');
  const power = 10n ** BigInt(type.scale - scale);
  return strict(type, [bound], (value: bigint) => value * power);
}

const WHOLE_TEXT = /^ *([+-]?[0-9]{1,18})(?:\.([0-9]{0,15}))? *$/;
const DOUBLE_TEXT = /^ *[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})? *$/;
// Letters that may stand in a number are left out: `0x1f`, `0b1`, `1e3`, `1_000`.
const NO_NUMBER = /^ *(?:[A-Za-z\u0080-\uffff].*|[0-9]+(?: +[0-9]|[-:/,;%acdf-wyzACDF-WYZ]).*|)$/s;
const TRUE = ['true', 't', 'yes', 'y', '1'];
const FALSE = ['false', 'f', 'no', 'n', '0'];

function ofText(bound: Bound, type: Type, isTry: boolean): Bound {
  const read = reading(type);
  const apply = (text: string): Value => {
    const found = read(text);
    if (found !== null || isTry) return found;
    throw new RowError(`${JSON.stringify(text.slice(0, 60))} is no ${nameOf(type)}`);
  };
  return strict(type, [bound], apply, { mayFail: !isTry });
}

/** What a text says, null where it says nothing of that type; throws UnavailableError where that is not known. */
function reading(type: Type): (text: string) => Value {
  switch (type.kind) {
    case 'INTEGER':
    case 'BIGINT':
    case 'HUGEINT':
      return (text) => within(wholeOf(text), boundsOf(type.kind as Whole));
    case 'DOUBLE':
      return readDouble;
    case 'BOOLEAN':
      return readBoolean;
    case 'DATE':
      return dayOf;
    case 'TIMESTAMP':
      return instantOf;
    default:
      throw unknown(`a cast of VARCHAR to ${nameOf(type)}`);
  }
}

function within(value: bigint | null, [least, most]: Range): bigint | null {
  return value !== null && value >= least && value <= most ? value : null;
}

function wholeOf(text: string): bigint | null {
  const match = WHOLE_TEXT.exec(text);
  if (match) {
    const [, digits = '', fraction = ''] = match;
    const whole = BigInt(digits.replace('+', ''));
    if (fraction.charAt(0) < '5') return whole;
    return digits.startsWith('-') ? whole - 1n : whole + 1n;
  }
  if (NO_NUMBER.test(text)) return null;
  throw unknown(`${JSON.stringify(text.slice(0, 60))} as a number`);
}

function readDouble(text: string): number | null {
  if (DOUBLE_TEXT.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  } else if (NO_NUMBER.test(text) && !/^ *[inIN]/.test(text)) return null;
  throw unknown(`${JSON.stringify(text.slice(0, 60))} as a number`);
}

function readBoolean(text: string): boolean | null {
  const lower = /^[A-Za-z0-9]*$/.test(text) ? text.toLowerCase() : '';
  if (TRUE.includes(lower)) return true;
  if (FALSE.includes(lower)) return false;
  if (/^[A-Za-z]+$/.test(text) && !['on', 'off'].includes(lower)) return null;
  throw unknown(`${JSON.stringify(text.slice(0, 60))} as a BOOLEAN`);
}

/** A number as it is spelled in a statement. */
export function numberOf(spelling: string): Bound {
  if (/^[0-9]+$/.test(spelling)) {
    const value = BigInt(spelling);
    if (value <= boundsOf('INTEGER')[1]) return constant({ kind: 'INTEGER' }, value);
    if (value <= boundsOf('BIGINT')[1]) return constant(BIGINT, value);
    throw unknown('a whole number beyond BIGINT');
  }
  if (/[eE]/.test(spelling)) {
    const value = Number(spelling);
    if (!Number.isFinite(value)) throw unknown(`the number ${spelling}`);
    return made({ kind: 'DOUBLE' }, [], () => value);
  }
  const [whole = '', fraction = ''] = spelling.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const width = Math.max(digits.length, fraction.length, 1);
  if (width > 18) throw unknown('a decimal of more than 18 digits');
  return constant({ kind: 'DECIMAL', width, scale: fraction.length }, BigInt(whole + fraction));
}
