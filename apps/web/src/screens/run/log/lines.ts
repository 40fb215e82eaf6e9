/** What is done with the lines of a log: which are shown, where letters are found, and how they go into a file. Pure. */

import type { LogLine } from '../../../api/types.ts';
import type { Look } from '../../../ui/status.ts';

export const LEVELS: Readonly<Record<Exclude<LogLine['level'], 'info'>, Look>> = {
  warning: { glyph: '!', word: 'warning', tone: 'warn' },
  error: { glyph: '✕', word: 'error', tone: 'bad' },
};

export function shownOf(lines: readonly LogLine[], onlyErrors: boolean): readonly LogLine[] {
  return onlyErrors ? lines.filter((line) => line.level === 'error') : lines;
}

/** `attempt started` for `AttemptStarted`. */
export function kindWords(kind: string): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

/**
 * Text that says nothing but itself: a control character is shown by its sign, and one that would turn the order of
 * letters by its number. So one entry is one line, and no escape of a terminal does anything.
 */
export function plain(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (found) => signOf(found.charCodeAt(0)))
    .replace(/[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (found) =>
      numbered(found.charCodeAt(0)),
    );
}

function signOf(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : numbered(code);
}

function numbered(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Places among `lines` of those that have these letters, in whatever case, in what is shown of them. */
export function hitsOf(lines: readonly LogLine[], letters: string): readonly number[] {
  const wanted = letters.trim().toLowerCase();
  if (!wanted) return [];
  return lines.flatMap((line, at) =>
    `${kindWords(line.kind)}\n${plain(line.stepId ?? '')}\n${plain(line.words)}`
      .toLowerCase()
      .includes(wanted)
      ? [at]
      : [],
  );
}

export interface Piece {
  readonly text: string;
  readonly isHit: boolean;
}

/** The text in pieces, those that are the letters apart from the rest. */
export function piecesOf(text: string, letters: string): readonly Piece[] {
  const wanted = letters.trim();
  if (!wanted) return [{ text, isHit: false }];
  // By a pattern and not by lower case, which some letters are longer in.
  const parts = text.split(new RegExp(`(${wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`, 'gi'));
  return parts.map((part, at) => ({ text: part, isHit: at % 2 === 1 })).filter((piece) => piece.text !== '');
}

/** The hit before or behind that one, round the end; null when there is none. `at` is a place among the lines. */
export function nextHit(hits: readonly number[], at: number | null, direction: 1 | -1): number | null {
  if (at === null) return (direction === 1 ? hits[0] : hits.at(-1)) ?? null;
  const found = direction === 1 ? hits.find((hit) => hit > at) : hits.findLast((hit) => hit < at);
  return found ?? (direction === 1 ? hits[0] : hits.at(-1)) ?? null;
}

/** `4 hits`, `hit 2 of 4`, `no hit`. */
export function hitsText(hits: readonly number[], at: number | null): string {
  if (hits.length === 0) return 'no hit';
  const place = at === null ? -1 : hits.indexOf(at);
  if (place >= 0) return `hit ${String(place + 1)} of ${String(hits.length)}`;
  return hits.length === 1 ? '1 hit' : `${hits.length.toLocaleString('en')} hits`;
}

/** A line a line, its parts between tabs. */
export function textOf(lines: readonly LogLine[]): string {
  return lines
    .map((line) =>
      [
        line.at ?? '-',
        String(line.seq),
        line.level,
        plain(line.stepId ?? '-'),
        kindWords(line.kind),
        plain(line.words),
      ].join('\t'),
    )
    .map((line) => `${line}\n`)
    .join('');
}
