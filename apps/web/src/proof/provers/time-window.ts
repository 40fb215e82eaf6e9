/** `time_window`: the logical time lies between two instants, on a day, between two hours (spec/provers.md, 12). */

import { instant } from '../encoding.ts';
import type { JsonObject } from '../json/value.ts';
import { distinct, integer, spelled } from '../shape/shapes.ts';
import { claimOf, judgement, withOneOf, type Judgement, type Prover } from './prover.ts';

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z$/;
const CLOCK = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const OFFSET = /^[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const DAY_SECONDS = 86_400;

// A date of no calendar has the shape: its verdict is `time_window.malformed`.
const date = spelled(DATE, 'a text such as 2026-01-31T12:00:00Z');
const clock = spelled(CLOCK, 'a text such as 08:30');

export const timeWindow: Prover = {
  phase: 'preconditions',
  claim: withOneOf(
    ['notBefore', 'notAfter', 'days', 'from', 'to'],
    claimOf(
      {},
      {
        notBefore: date,
        notAfter: date,
        days: distinct(integer(1, 7)),
        from: clock,
        to: clock,
        offset: spelled(OFFSET, 'a text such as +01:00'),
      },
    ),
  ),
  judge(claim, scope) {
    const { logicalTime } = scope.manifest.context;
    const now = instant(logicalTime) ?? 0n;
    const seconds = floorDivide(now, 1_000_000) + offsetOf((claim['offset'] ?? '+00:00') as string);
    const days = Math.floor(seconds / DAY_SECONDS);
    const second = seconds - days * DAY_SECONDS;
    // 1970-01-01 was a Thursday.
    const day = ((((days + 3) % 7) + 7) % 7) + 1;
    const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
    const time = `${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}`;
    const [result, reason] = verdict(claim, now, day, time);
    return judgement(result, `time_window.${reason}`, { now: logicalTime, day, time });
  },
};

function floorDivide(value: bigint, by: number): number {
  const quotient = Number(value / BigInt(by));
  return value < 0n && value % BigInt(by) !== 0n ? quotient - 1 : quotient;
}

function offsetOf(text: string): number {
  const seconds = Number(text.slice(1, 3)) * 3600 + Number(text.slice(4, 6)) * 60;
  return text.startsWith('-') ? -seconds : seconds;
}

function verdict(claim: JsonObject, now: bigint, day: number, time: string): [Judgement['result'], string] {
  const { from, to } = claim as { from?: string; to?: string };
  const limits = [claim['notBefore'], claim['notAfter']].map((item) =>
    item === undefined ? item : instant(item),
  );
  const [notBefore, notAfter] = limits;
  if (limits.includes(null) || (from === undefined) !== (to === undefined)) return ['error', 'malformed'];
  if (from !== undefined && from === to) return ['error', 'malformed'];
  if (typeof notBefore === 'bigint' && now < notBefore) return ['fail', 'too_early'];
  if (typeof notAfter === 'bigint' && now >= notAfter) return ['fail', 'too_late'];
  const days = claim['days'] as number[] | undefined;
  if (days && !days.includes(day)) return ['fail', 'wrong_day'];
  if (from !== undefined && to !== undefined && !isWithin(time, from, to)) return ['fail', 'wrong_hour'];
  return ['pass', 'open'];
}

function isWithin(time: string, from: string, to: string): boolean {
  // `HH:MM` sorts before every `HH:MM:SS` of its minute, so texts compare as times of day do.
  return from < to ? from <= time && time < to : time >= from || time < to;
}
