/** The log of a run: what is shown of it, what is found in it, and that it says nothing but itself. */

import { afterEach, describe, expect, test, vi } from 'vitest';

import { readLog } from '../src/api/log.ts';
import type { LogLine } from '../src/api/types.ts';
import {
  hitsOf,
  hitsText,
  kindWords,
  nextHit,
  piecesOf,
  plain,
  shownOf,
  textOf,
} from '../src/screens/run/log/lines.ts';
import { executionSearch } from '../src/search.ts';

const line = (seq: number, words: string, members: Partial<LogLine> = {}): LogLine => ({
  seq,
  at: '2026-11-26T12:00:00.000000Z',
  kind: 'AttemptStarted',
  level: 'info',
  stepId: 'ask',
  words,
  ...members,
});

describe('text that strangers wrote', () => {
  test('escapes of a terminal and turned letters are shown and do nothing', () => {
    expect(plain('a\u001b[31mred\u001b[0m\nb\u0007')).toBe('a␛[31mred␛[0m␊b␇');
    expect(plain('\u007f\u009b31m')).toBe('␡\\u009b31m');
    expect(plain('good \u202elive\u2066')).toBe('good \\u202elive\\u2066');
    expect(plain('ä 👩‍🚀 <b>')).toBe('ä 👩‍🚀 <b>');
  });

  test('one entry is one line of the file', () => {
    const text = textOf([line(7, 'two\nlines\tand a tab'), line(9, 'x', { at: null, stepId: null })]);
    expect(text.split('\n')).toEqual([
      '2026-11-26T12:00:00.000000Z\t7\tinfo\task\tattempt started\ttwo␊lines␉and a tab',
      '-\t9\tinfo\t-\tattempt started\tx',
      '',
    ]);
  });
});

describe('search', () => {
  const lines = [line(1, 'Asked'), line(2, 'none', { stepId: 'b' }), line(5, 'x', { kind: 'StepSealed' })];

  test('letters are found in words, step and kind, in whatever case', () => {
    expect(hitsOf(lines, 'ASK')).toEqual([0, 2]);
    expect(hitsOf(lines, 'step sealed')).toEqual([2]);
    expect(hitsOf(lines, '  ')).toEqual([]);
    expect(hitsOf(lines, '.*')).toEqual([]);
  });

  test('all that is found is marked, and nothing is lost', () => {
    expect(piecesOf('a.b A.B axb', 'a.b')).toEqual([
      { text: 'a.b', isHit: true },
      { text: ' ', isHit: false },
      { text: 'A.B', isHit: true },
      { text: ' axb', isHit: false },
    ]);
    for (const letters of ['(', '[', '\\', '$', 'İ']) {
      const text = `İ (x) [y] \\ $ ${letters}`;
      expect(
        piecesOf(text, letters)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }
  });

  test('the next hit goes round the end, and begins where somebody is', () => {
    expect([nextHit([2, 5], null, 1), nextHit([2, 5], null, -1)]).toEqual([2, 5]);
    expect([nextHit([2, 5], 2, 1), nextHit([2, 5], 5, 1), nextHit([2, 5], 3, -1)]).toEqual([5, 2, 2]);
    expect(nextHit([], 3, 1)).toBeNull();
    expect([hitsText([], null), hitsText([4], null), hitsText([2, 5], 5)]).toEqual([
      'no hit',
      '1 hit',
      'hit 2 of 2',
    ]);
  });
});

test('errors only, and kinds in words', () => {
  const lines = [line(1, 'a'), line(2, 'b', { level: 'error' }), line(3, 'c', { level: 'warning' })];
  expect(shownOf(lines, true).map((one) => one.seq)).toEqual([2]);
  expect(shownOf(lines, false)).toBe(lines);
  expect(kindWords('PreconditionsObserved')).toBe('preconditions observed');
});

test('a line has an address', () => {
  expect(executionSearch({ view: 'log', tab: 'logs', line: 17, q: 'x', errors: true })).toEqual({
    view: 'log',
    tab: 'logs',
    line: 17,
    q: 'x',
    errors: true,
  });
  expect(executionSearch({ line: -1, errors: 'yes' })).toEqual({});
});

describe('reading on', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('only what is behind the known lines is asked for, page after page', async () => {
    const asked: string[] = [];
    const pages = [
      { items: [line(8, 'c')], next: 8 },
      { items: [line(9, 'd')], next: null },
    ];
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(address);
      return Promise.resolve(new Response(JSON.stringify(pages.shift()), { status: 200 }));
    });
    const known = [line(3, 'a'), line(7, 'b')];
    const told: number[] = [];
    const found = await readLog(
      'R1-1',
      'a/b',
      known,
      (lines) => told.push(lines.length),
      AbortSignal.timeout(5000),
    );
    expect(found.map((one) => one.seq)).toEqual([3, 7, 8, 9]);
    expect(asked).toEqual([
      '/api/runbooks/R1-1/log?after=7&limit=5000&stepId=a%2Fb',
      '/api/runbooks/R1-1/log?after=8&limit=5000&stepId=a%2Fb',
    ]);
    expect(told).toEqual([3]);
  });
});
