/** Plain words for verdicts, and the facts behind them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import {
  boundIn,
  facts,
  reviewWords,
  riskLook,
  stateLook,
  verdictWords,
  workedOut,
} from '../src/screens/review/words.ts';
import type { ReviewTicket } from '../src/api/types.ts';

const SPEC = join(import.meta.dirname, '../../../spec');

const kpi = {
  prover: 'kpi:completeness>=0.95',
  result: 'fail',
  reason: 'metric.not_met',
  evidence: { row: { filled: 403, fields: 868 }, rows: 1, value: 0.4642857142857143 },
};

describe('words', () => {
  test('a missed bound says both numbers', () => {
    expect(verdictWords(kpi)).toBe('the measured value misses its bound: 0.4643, and it must be ≥ 0.95');
  });

  test('without evidence the reason is said all the same', () => {
    expect(verdictWords({ prover: 'kpi:x>=1', reason: 'metric.not_met' })).toBe(
      'the measured value misses its bound',
    );
  });

  test('a budget says what is used, asked for and allowed', () => {
    const words = verdictWords({
      prover: 'budget',
      reason: 'budget.exceeded',
      evidence: { counter: 'c', before: 48, amount: 16, limit: 50 },
    });
    expect(words).toContain('48 used and 16 asked for, of 50');
  });

  test('every reason of the specification that denies has words of its own', () => {
    const text = ['provers.md', 'licences.md']
      .map((name) => readFileSync(join(SPEC, name), 'utf8'))
      .join('\n');
    const rows = text.split('\n').filter((line) => /\|\s*(fail|error)\s*\|/.test(line));
    const codes = rows.flatMap((line) =>
      [...line.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map((found) => found[1]),
    );
    expect(codes.length).toBeGreaterThan(40);
    const bare = codes.filter((code) =>
      verdictWords({ prover: 'p', reason: code ?? '' }).includes(code ?? ''),
    );
    expect(bare).toEqual([]);
  });

  test('an unknown reason is said as it is', () => {
    expect(verdictWords({ prover: 'p', reason: 'new.reason' })).toBe('the prover says new.reason');
  });

  test('one line for a case', () => {
    const base = { requirement: 'denial/postconditions', evidence: [kpi, kpi], reason: 'r' } as unknown;
    expect(reviewWords(base as ReviewTicket)).toMatch(/^The measured .* \(and 1 more\)$/);
    const asked = { requirement: 'approval', evidence: [], reason: 'r' } as unknown;
    expect(reviewWords(asked as ReviewTicket)).toBe('The runbook asks people before this step');
  });
});

describe('bounds', () => {
  test.each([
    ['kpi:completeness>=0.95', '≥', 0.95],
    ['kpi:errors<=3', '≤', 3],
    ['kpi:temperature>-4.5', '>', -4.5],
    ['kpi:left=0', '=', 0],
    ['kpi:left!=0', '≠', 0],
  ])('%s', (name, sign, limit) => {
    expect(boundIn(name)).toMatchObject({ sign, limit });
  });

  test.each(['authority:read', 'kpi:a>=b', '>=3', 'a>=1>=2', ''])('%s has none', (name) => {
    expect(boundIn(name)).toBeNull();
  });

  test('the comparison is made again', () => {
    expect(workedOut(kpi)).toEqual({ text: '0.4642857142857143 ≥ 0.95', holds: false });
    expect(workedOut({ ...kpi, evidence: { value: 0.95 } })?.holds).toBe(true);
    expect(workedOut({ ...kpi, evidence: { value: null } })).toBeNull();
    const budget = { prover: 'b', result: 'fail', reason: 'budget.exceeded' };
    expect(workedOut({ ...budget, evidence: { before: 1, amount: 1, limit: 2 } })?.holds).toBe(true);
    expect(workedOut({ ...budget, evidence: { before: 2, amount: 1, limit: 2 } })?.holds).toBe(false);
  });
});

test('evidence becomes facts by their path, and not too many', () => {
  expect(facts({ row: { a: 1, b: null }, list: [], text: '<b>' })).toEqual([
    ['row · a', '1'],
    ['row · b', 'null'],
    ['list', '[]'],
    ['text', '<b>'],
  ]);
  expect(facts(Array.from({ length: 100 }, (_, n) => n))).toHaveLength(24);
  expect(facts(undefined)).toEqual([]);
});

test('an override never looks like a plain approval', () => {
  const over = stateLook({ state: 'approved', requirement: 'denial/preconditions' });
  const plain = stateLook({ state: 'approved', requirement: 'approval' });
  expect([over.tone, plain.tone]).toEqual(['over', 'good']);
  expect(over.glyph).not.toBe(plain.glyph);
});

test('what is unknown is shown by its name', () => {
  expect(riskLook('terrible').word).toBe('terrible');
  expect(stateLook({ state: 'new' as ReviewTicket['state'], requirement: 'approval' }).word).toBe('new');
});
