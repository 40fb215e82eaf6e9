/** The columns over the list of executions, and the filters that they and the fields set. */

import { describe, expect, test } from 'vitest';

import type { Histogram } from '../src/api/types.ts';
import { columnAt, columnMoved, columnsOf, reachOf, summaryOf } from '../src/screens/executions/columns.ts';
import { histogramQueryOf, queryOf, withReach } from '../src/screens/executions/filters.ts';
import { executionsSearch } from '../src/search.ts';

const FROM = '2026-11-26T12:00:00.000Z';
const histogram = (...outcomes: Histogram['buckets'][number]['outcomes'][]): Histogram => ({
  from: FROM,
  to: '2026-11-26T13:00:00Z',
  seconds: 600,
  buckets: outcomes.map((counts) => ({
    total: Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0),
    outcomes: counts,
  })),
});
const time = (at: number): string => new Date(at).toISOString().slice(11, 16);

describe('columns', () => {
  const columns = columnsOf(
    histogram({ completed: 3, failed: 1, blocked: 1 }, {}, { running: 2, 'a new word': 8 }),
  );

  test('are as high as what started in their time, what went well below what did not', () => {
    expect(columns.map((column) => [time(column.from), time(column.to), column.total])).toEqual([
      ['12:00', '12:10', 5],
      ['12:10', '12:20', 0],
      ['12:20', '12:30', 10],
    ]);
    expect(columns[0]?.parts).toEqual([
      { tone: 'good', share: 0.3 },
      { tone: 'bad', share: 0.2 },
    ]);
    expect(columns[2]?.parts).toEqual([
      { tone: 'calm', share: 0.8 },
      { tone: 'busy', share: 0.2 },
    ]);
  });

  test('say in words what they show', () => {
    expect(columns[0]?.words).toBe('3 done, 1 failed, 1 blocked');
    expect(summaryOf(columns, time)).toBe(
      '15 executions from 12:00 to 12:30; at most 10 from 12:20 on: 8 a new word, 2 running',
    );
    expect(summaryOf(columnsOf(histogram({}, {})), time)).toBe('No execution started in this time');
    expect(summaryOf([], time)).toBe('No execution started in this time');
  });

  test('mean the times from the first to the last of them, in whichever order', () => {
    const reach = { from: FROM, to: '2026-11-26T12:20:00.000Z' };
    expect(reachOf(columns, 0, 1)).toEqual(reach);
    expect(reachOf(columns, 1, 0)).toEqual(reach);
    expect(reachOf(columns, 0, 7)).toBeNull();
  });

  test('of less than a millisecond are not empty', () => {
    const [column] = columnsOf({ ...histogram({ completed: 1 }), seconds: 0.0005 });
    const reach = reachOf(column ? [column] : [], 0, 0);
    expect(Date.parse(reach?.to ?? '') - Date.parse(reach?.from ?? '')).toBe(1);
  });

  test('are found under a pointer and by keys', () => {
    expect([-1, 0, 0.49, 0.5, 1, 2].map((part) => columnAt(2, part))).toEqual([0, 0, 0, 1, 1, 1]);
    expect(
      ['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End', 'x'].map((key) =>
        columnMoved(60, 59, key),
      ),
    ).toEqual([58, 59, 49, 59, 0, 59, null]);
  });
});

describe('filters', () => {
  const search = executionsSearch({
    step: 'ask',
    prover: 'kpi',
    actor: 'ann',
    outcome: 'failed',
    from: FROM,
  });

  test('of the address become those of the service, for the list and the columns alike', () => {
    const common = `outcome=failed&executedBy=ann&failedStep=ask&failedProver=kpi&from=${encodeURIComponent(FROM)}`;
    expect(queryOf(search, 200)).toBe(`${common}&limit=200`);
    expect(histogramQueryOf(search, 60)).toBe(`${common}&buckets=60`);
  });

  test('of time are set and taken away together, and the others stay', () => {
    const others = executionsSearch({ ...search, from: undefined });
    expect(withReach(search, undefined)).toEqual(others);
    expect(withReach(others, { from: 'a', to: 'b' })).toEqual({ ...others, from: 'a', to: 'b' });
  });
});
