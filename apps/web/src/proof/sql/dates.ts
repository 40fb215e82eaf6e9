/** Days and microseconds since 1970, of the years that JSON may show. */

import { unknown } from './bound.ts';

export const MICROS_A_DAY = 86_400_000_000n;

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const INSTANT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?Z?)?$/;

/** The day that a text names, which may have a time behind it; throws UnavailableError for every other spelling. */
export function dayOf(text: string): bigint {
  if (text.length > 10) instantOf(text);
  return dateOf(text.slice(0, 10));
}

function dateOf(text: string): bigint {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  const at = new Date(0);
  at.setUTCFullYear(year ?? NaN, (month ?? NaN) - 1, day);
  if (Number.isNaN(at.getTime()) || at.getUTCMonth() !== (month ?? 0) - 1 || at.getUTCDate() !== day) {
    throw unknown(`${JSON.stringify(text.slice(0, 60))} as a date`);
  }
  return BigInt(at.getTime() / 86_400_000);
}

/** The time that a text names; throws UnavailableError for every other spelling. */
export function instantOf(text: string): bigint {
  const match = INSTANT.exec(text);
  const [hour = 0, minute = 0, second = 0] = match ? match.slice(2, 5).map((part) => Number(part ?? 0)) : [];
  if (!match || hour > 23 || minute > 59 || second > 59) {
    throw unknown(`${JSON.stringify(text.slice(0, 60))} as a time`);
  }
  const seconds = BigInt((hour * 60 + minute) * 60 + second);
  const micros = BigInt((match[5] ?? '').padEnd(6, '0'));
  return dateOf(match[1] as string) * MICROS_A_DAY + seconds * 1_000_000n + micros;
}

/** `YYYY-MM-DD`. */
export function dateText(day: bigint): string {
  return new Date(Number(day) * 86_400_000).toISOString().slice(0, 10);
}

/** `YYYY-MM-DD`, what stands between, `hh:mm:ss`, and the fraction without zeros at its end. */
export function instantText(instant: bigint, between: string): string {
  const fraction = ((instant % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((instant - fraction) / 1_000n)).toISOString();
  const tail = fraction ? `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}` : '';
  return text.slice(0, 10) + between + text.slice(11, 19) + tail;
}

/** Year, month and day of a day. */
export function partsOf(day: bigint): { year: number; month: number; day: number } {
  const at = new Date(Number(day) * 86_400_000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}
