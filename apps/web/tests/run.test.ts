/** What the view of a run works out before it draws: rows, counts, bars, and what is sent for an action. */

import { describe, expect, test } from 'vitest';

import type { StepOutcome, StepState, StepStatus } from '../src/api/types.ts';
import { familiesOf } from '../src/graph/families.ts';
import { groupLook, isTrouble, tallyOf, tallyText } from '../src/graph/tally.ts';
import { barsOf, LEAST_WIDTH, marksOf, segmentsOf, together, windowOf } from '../src/graph/timeline.ts';
import { bodyOf } from '../src/screens/run/actions.ts';
import { familyId, nextTrouble, rowsOf } from '../src/screens/run/rows.ts';
import { movedTo } from '../src/screens/run/useCursor.ts';
import { bytesText, isTold, summary } from '../src/ui/jsonTree.ts';

const step = (
  stepId: string,
  outcome: StepOutcome | null = 'done',
  state: StepState = 'sealed',
): StepStatus => ({
  stepId,
  type: 'transform',
  description: '',
  dependsOn: [],
  state,
  outcome,
  startedAt: null,
  endedAt: null,
  attempts: 1,
  error: null,
  blockedBy: null,
  reviews: [],
  items: null,
  children: [],
});
const loads = (failed: readonly number[] = []): StepStatus[] =>
  Array.from({ length: 10 }, (_, at) => step(`load/${String(at)}`, failed.includes(at) ? 'failed' : 'done'));
const rows = (steps: StepStatus[], toggled: [string, boolean][] = [], only = false): string[] =>
  rowsOf(steps, familiesOf(steps.map((one) => one.stepId)), new Map(toggled), only).map((row) => row.id);

describe('rows of the tree', () => {
  test('a family is closed, and stands where its first step does', () => {
    expect(rows([step('first'), ...loads(), step('last')])).toEqual(['first', '/load', 'last']);
  });

  test('one with a failure opens by itself, until it is closed', () => {
    expect(rows(loads([3]))).toHaveLength(11);
    expect(rows(loads([3]), [['load', false]])).toEqual([familyId('load')]);
  });

  test('only failures leaves the rest out', () => {
    expect(rows([step('first'), ...loads([3, 7])], [], true)).toEqual(['/load', 'load/3', 'load/7']);
  });

  test('the next failure is found in both directions and round the end', () => {
    const steps = loads([3, 7]);
    expect(nextTrouble(steps, undefined, 1)).toBe('load/3');
    expect(nextTrouble(steps, undefined, -1)).toBe('load/7');
    expect(nextTrouble(steps, 'load/3', 1)).toBe('load/7');
    expect(nextTrouble(steps, 'load/7', 1)).toBe('load/3');
    expect(nextTrouble(steps, 'load/5', -1)).toBe('load/3');
    expect(nextTrouble(loads(), 'load/5', 1)).toBeNull();
  });
});

describe('keys of the tree', () => {
  const steps = [step('first'), ...loads([3])];
  const shown = rowsOf(steps, familiesOf(steps.map((one) => one.stepId)), new Map(), false);

  test.each([
    [0, 'ArrowDown', { kind: 'move', id: '/load' }],
    [0, 'ArrowUp', { kind: 'move', id: 'first' }],
    [0, 'End', { kind: 'move', id: 'load/9' }],
    [5, 'Home', { kind: 'move', id: 'first' }],
    [1, 'ArrowLeft', { kind: 'toggle', open: false }],
    [1, 'ArrowRight', { kind: 'move', id: 'load/0' }],
    [5, 'ArrowLeft', { kind: 'move', id: '/load' }],
    [5, 'Enter', { kind: 'run' }],
    [5, 'ArrowRight', null],
    [0, 'x', null],
  ])('on row %i %s', (at, key, expected) => {
    expect(movedTo(shown, at, key)).toEqual(expected);
  });
});

describe('counts', () => {
  test('what is said of many', () => {
    expect(tallyText(tallyOf(loads([1, 2])))).toBe('10: 8 done, 2 failed');
    expect(tallyText(tallyOf([step('a', null, 'waiting')]))).toBe('1: pending');
    expect(tallyText(tallyOf([step('a', 'not-run')]))).toBe('1: none ran');
  });

  test('the worst decides how a group looks', () => {
    expect(groupLook(tallyOf(loads([1]))).word).toBe('failed');
    expect(groupLook(tallyOf([...loads(), step('x', null, 'held')])).word).toBe('held');
    expect(groupLook(tallyOf([...loads(), step('x', null, 'waiting')])).word).toBe('running');
    expect(groupLook(tallyOf(loads())).word).toBe('done');
    expect(groupLook(tallyOf([step('x', 'skipped')])).word).toBe('ended');
  });

  test('held and failed have to be looked at, skipped and retried do not', () => {
    expect((['failed', 'blocked'] as const).every((outcome) => isTrouble(step('x', outcome)))).toBe(true);
    expect(isTrouble(step('x', null, 'held'))).toBe(true);
    expect(isTrouble(step('x', 'skipped')) || isTrouble(step('x', null, 'backoff'))).toBe(false);
  });
});

describe('timeline', () => {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const timed = (
    stepId: string,
    from: number | null,
    to: number | null,
    dependsOn: string[] = [],
  ): StepStatus => ({
    ...step(stepId, to === null ? null : 'done'),
    dependsOn,
    startedAt: from === null ? null : at(from),
    endedAt: to === null ? null : at(to),
  });

  test('a step queues from the end of what it needs, and runs until now', () => {
    const steps = [timed('a', 11, 12), timed('b', 15, null, ['a']), timed('c', null, null, ['b'])];
    const found = segmentsOf(steps, 10_000, 20_000);
    expect(found.get('a')).toEqual([
      { kind: 'queue', from: 10_000, to: 11_000 },
      { kind: 'run', from: 11_000, to: 12_000 },
    ]);
    expect(found.get('b')).toEqual([
      { kind: 'queue', from: 12_000, to: 15_000 },
      { kind: 'run', from: 15_000, to: 20_000 },
    ]);
    expect(found.get('c')).toEqual([]);
  });

  test('attempts that failed and the waits between them are segments of their own', () => {
    const tries = [
      { startedAt: at(10), endedAt: at(11), error: { code: 'x' } },
      { startedAt: at(13), endedAt: at(14) },
    ];
    const found = segmentsOf([timed('a', 10, 14)], 10_000, 20_000, new Map([['a', tries]]));
    expect(found.get('a')?.map((one) => one.kind)).toEqual(['failed', 'wait', 'run']);
    expect(together([found.get('a') ?? []])).toEqual([{ kind: 'failed', from: 10_000, to: 14_000 }]);
    expect(together([[]])).toEqual([]);
  });

  test('no bar is too small to be seen or outside of the picture', () => {
    const shown = { from: 0, to: 3_600_000 };
    for (const from of [0, 1, 1_800_000, 3_600_000]) {
      const [bar] = barsOf([{ kind: 'run', from, to: from }], shown, 500);
      expect(bar?.width).toBe(LEAST_WIDTH);
      expect((bar?.left ?? -1) >= 0 && (bar?.left ?? 0) + LEAST_WIDTH <= 500).toBe(true);
    }
  });

  test('the window of a running one grows in steps, and holds now', () => {
    const ends = [1, 5, 9, 30, 100, 5000, 400_000].map(
      (seconds) => windowOf(0, null, seconds * 1000).to / 1000,
    );
    expect(ends).toEqual([2, 10, 10, 60, 120, 7200, 432_000]);
    expect(windowOf(5, 5, 9)).toEqual({ from: 5, to: 6 });
  });

  test('marks are round and not too near to each other', () => {
    for (const length of [7, 950, 20_800, 3_000_000, 9e8]) {
      const marks = marksOf({ from: 0, to: length }, 600);
      expect(marks.length).toBeGreaterThan(1);
      expect(((marks[1] ?? 0) * 600) / length).toBeGreaterThanOrEqual(90);
      expect(marks.at(-1)).toBeLessThanOrEqual(length);
    }
  });
});

describe('what is sent for an action', () => {
  test('a reason where one is needed', () => {
    expect(bodyOf('cancel', { reason: '  ', parameters: '' })).toMatchObject({ kind: 'bad' });
    expect(bodyOf('cancel', { reason: ' late ', parameters: '' })).toEqual({
      kind: 'good',
      body: { reason: 'late' },
    });
    expect(bodyOf('rerun', { reason: '', parameters: '' })).toEqual({ kind: 'good', body: {} });
  });

  test.each(['{', '[]', 'null', '{}', '3'])('no parameters in %s', (parameters) => {
    const checked = bodyOf('fork', { reason: '', parameters });
    expect(checked.kind === 'bad' && checked.parameters).toBeTruthy();
  });

  test('parameters by name', () => {
    expect(bodyOf('fork', { reason: 'more', parameters: '{"limit": 2}' })).toEqual({
      kind: 'good',
      body: { reason: 'more', parameters: { limit: 2 } },
    });
  });
});

test('values are told in few words', () => {
  expect(summary([1])).toBe('1 item');
  expect(summary({ a: 1, b: 2, c: 3, d: 4, e: 5 })).toBe('{a, b, c, +2}');
  expect([bytesText(999), bytesText(1000), bytesText(3_100_000)]).toEqual(['999 B', '1.0 kB', '3.1 MB']);
  expect(isTold({ $digest: 'sha256:1', size: 3 })).toBe(true);
  expect(isTold({ $digest: 'sha256:1', size: 3, more: 1 }) || isTold([]) || isTold(null)).toBe(false);
});
