/** SQL that is evaluated here has the rows that DuckDB gives, and what may have others is not evaluated. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { EvaluationError } from '../src/proof/expressions/errors.ts';
import { canonicalText } from '../src/proof/json/canonical.ts';
import { parseJson } from '../src/proof/json/strict.ts';
import type { Json } from '../src/proof/json/value.ts';
import { FUNCTIONS } from '../src/proof/sql/allowed.ts';
import { rowsOf } from '../src/proof/sql/statement.ts';
import { UnavailableError } from '../src/proof/values.ts';
import { Chance, hasPeer, Peer } from './peer.ts';
import { statement } from './sql-maker.ts';
import { COLUMNS, tables } from './sql-tables.ts';

const strict = (value: unknown): Json => parseJson(new TextEncoder().encode(canonicalText(value as Json)));
const ROWS = strict([
  { id: 1, kind: 'a', size: 0.5, text: '12' },
  { id: 2, kind: 'b', size: null, text: 'x' },
  { id: 3, kind: 'a', size: 2, text: '7' },
]);

// What analysts write: none of it may be left open.
const USUAL = [
  'SELECT kind, count(*), sum(size), max(id) FROM input GROUP BY kind ORDER BY kind',
  'SELECT kind, round(100.0 * count(*) / sum(id), 2) AS share FROM input GROUP BY kind HAVING count(*) > 0',
  "SELECT sum(CASE WHEN kind = 'a' THEN 1 ELSE 0 END) AS n, sum(CASE WHEN kind = 'a' THEN size END) AS size FROM input",
  "SELECT CASE WHEN size > 1 THEN 'big' WHEN size IS NULL THEN NULL ELSE 'small' END AS class, count(*) AS n FROM input GROUP BY class",
  'SELECT lower(kind) AS kind, count(*) AS n FROM input GROUP BY ALL ORDER BY n DESC, kind',
  'SELECT * FROM input WHERE size BETWEEN 0.5 AND 2 ORDER BY size DESC, id LIMIT 2',
  'SELECT a.id, b.id AS other FROM input a JOIN input b ON a.kind = b.kind AND a.id < b.id',
  'SELECT a.id, b.kind FROM input a LEFT JOIN input b USING (id) WHERE b.size IS NOT NULL',
  'WITH n AS (SELECT kind, count(*) AS n FROM input GROUP BY kind), m AS (SELECT max(n) AS n FROM n) SELECT n.kind FROM n JOIN m ON n.n = m.n',
  'SELECT kind, n FROM (SELECT kind, count(*) AS n FROM input GROUP BY kind ORDER BY n DESC LIMIT 1)',
  'SELECT id, rank() OVER (PARTITION BY kind ORDER BY size DESC) AS place FROM input QUALIFY place = 1',
  'SELECT id, id * 100 / sum(id) OVER () AS share FROM input',
  "SELECT kind, string_agg(text, ', ' ORDER BY id) AS texts, list(id ORDER BY size DESC) AS ids FROM input GROUP BY kind",
  'SELECT id, TRY_CAST(text AS BIGINT) AS n, coalesce(size, 0) AS size FROM input WHERE NOT (id = 2)',
  "SELECT id FROM input WHERE kind IN ('a', 'c') AND id NOT IN (SELECT id FROM input WHERE size IS NULL)",
  "SELECT id, kind || '-' || id AS name, upper(kind) AS k, substr(text, 1, 1) AS s FROM input WHERE text LIKE '1%'",
  "SELECT 'all' AS kind, count(*) AS n FROM input UNION ALL SELECT kind, count(*) FROM input GROUP BY kind",
  'SELECT avg(id) AS a, min(size) AS b, count(DISTINCT kind) AS c, bool_and(id > 0) AS d FROM input WHERE id <> 1',
  'SELECT id FROM input WHERE id > (SELECT avg(id) FROM input) OR EXISTS (SELECT 1 FROM input WHERE size > 9)',
  "SELECT year(DATE '2026-02-03') AS y, CAST('2026-02-03T04:05:06Z' AS TIMESTAMP) AS t, CAST(size AS VARCHAR) AS s FROM input",
];

/** The spelling of the rows, or how there are none. */
function outcome(text: string, inputs: Json, columns = {}): string {
  try {
    return canonicalText(rowsOf(text, inputs, columns));
  } catch (error) {
    if (error instanceof UnavailableError) return 'not evaluated';
    if (error instanceof EvaluationError) return 'failed';
    throw error;
  }
}

test('the functions that may be named are those of the specification', () => {
  const listed = readFileSync(join(import.meta.dirname, '../../../spec/sql-functions.txt'), 'utf8');
  expect(FUNCTIONS).toEqual(listed.split('\n').filter((name) => /^[a-z]/.test(name)));
});

describe('not evaluated, for the engine may have other rows', () => {
  test.each([
    [
      'a failure that another condition may spare',
      "SELECT id FROM input WHERE text <> 'x' AND CAST(text AS BIGINT) > 8",
    ],
    ['a failure behind CASE', 'SELECT CASE WHEN id <> 2 THEN CAST(text AS BIGINT) END AS n FROM input'],
    ['letters beyond ASCII', "SELECT upper('straße') AS n"],
    ['a column and an alias of one name', 'SELECT -id AS id FROM input WHERE id > 1'],
    ['types that the engine brings together', 'SELECT id = kind AS n FROM input'],
    ['an order of rows that DISTINCT left out', 'SELECT DISTINCT kind FROM input ORDER BY id'],
    [
      'a query that looks at the one around it',
      'SELECT (SELECT max(id) FROM input i WHERE i.kind = o.kind) AS n FROM input o',
    ],
    [
      'a query that calls itself',
      'WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT n FROM x',
    ],
    ['a sum of one double many times', 'SELECT sum(1e-1) AS n FROM input'],
    ['a window over doubles', 'SELECT sum(size) OVER (ORDER BY id) AS n FROM input'],
    ['a column whose name only the engine knows', 'SELECT id + 1 FROM input'],
    ['minus zero', 'SELECT CAST(size * -0e0 AS VARCHAR) AS n FROM input'],
    ['a function that is not here', "SELECT regexp_matches(kind, 'a') AS n FROM input"],
    [
      'a sum that the engine takes for 0',
      'SELECT a.kind FROM input a LEFT JOIN input b ON a.id = b.id AND b.size > 9 GROUP BY 1 HAVING sum(a.id) > 0',
    ],
    ['a frame', 'SELECT sum(id) OVER (ORDER BY id ROWS 1 PRECEDING) AS n FROM input'],
    ['SQL of other engines', 'SELECT id FROM input FETCH FIRST 1 ROW ONLY'],
    ['an infinite text', 'SELECT CAST(1 / 0 AS VARCHAR) AS n'],
  ])('%s', (_, text) => {
    expect(outcome(text, ROWS)).toBe('not evaluated');
  });

  const many = strict(Array.from({ length: 3_000 }, (_, at) => ({ id: at, text: 'a'.repeat(40) })));
  test.each([
    ['rows without end', 'SELECT count(*) AS n FROM input a, input b, input c'],
    ['parentheses', `SELECT ${'('.repeat(5_000)}1${')'.repeat(5_000)} AS n`],
    ['operators', `SELECT ${'1 + '.repeat(5_000)}1 AS n`],
    ['signs', `SELECT ${'NOT '.repeat(5_000)}true AS n`],
    [
      'aliases that stand for each other',
      `SELECT id + 1 AS a0, ${Array.from({ length: 40 }, (_, at) => `a${at} + a${at} AS a${at + 1}`).join(', ')} FROM input`,
    ],
    [
      'texts that grow',
      `SELECT ${'replace('.repeat(9)}text${", 'a', 'aaaaaaaaaa')".repeat(9)} AS n FROM input`,
    ],
    [
      'a list for every row',
      `SELECT id FROM input WHERE id IN (${Array.from({ length: 9_000 }, (_, at) => at + 5_000).join()})`,
    ],
    [
      'a window that grows',
      'SELECT count(*) OVER (ORDER BY id) AS n, sum(id) OVER (ORDER BY id) AS m, max(id) OVER (ORDER BY id) AS o, min(text) OVER (ORDER BY id) AS p, count(id) OVER (ORDER BY id) AS q FROM input',
    ],
  ])('%s: too much to be run here', (_, text) => {
    expect(outcome(text, many)).toBe('not evaluated');
  });
});

describe('failed, for it fails in every engine', () => {
  test.each([
    ['a cast', 'SELECT CAST(text AS BIGINT) AS n FROM input'],
    ['an overflow', 'SELECT 2147483647 + 1 AS n'],
    ['a division', 'SELECT id // (id - 2) AS n FROM input'],
    ['a name', 'SELECT nobody FROM input'],
    ['a name of two tables', 'SELECT id FROM input a, input b'],
    ['names that are one', 'SELECT * FROM input a JOIN input b ON a.id = b.id'],
    ['an infinite number', 'SELECT 1 / 0 AS n'],
    ['a number beyond 2^53', 'SELECT 9007199254740991 + id AS n FROM input'],
    ['a LIMIT within', 'SELECT count(*) AS n FROM (SELECT * FROM input ORDER BY id LIMIT 1) q'],
  ])('%s', (_, text) => {
    expect(outcome(text, ROWS)).toBe('failed');
  });

  test('only rows that are there can fail', () => {
    const columns = { input: { text: 'VARCHAR' } };
    expect(outcome('SELECT CAST(text AS BIGINT) AS n FROM input', [], columns)).toBe('[]');
  });
});

describe.skipIf(!hasPeer)('pcq-verify says the same', () => {
  test('of statements as analysts write them', async () => {
    const peer = new Peer();
    for (const sql of USUAL) {
      const told = await peer.ask<{ value?: Json }>({ kind: 'statement', sql, inputs: ROWS, columns: {} });
      expect(outcome(sql, ROWS), sql).toBe(canonicalText(told.value as Json));
    }
    peer.close();
  });

  test('of generated statements', { timeout: 120_000 }, async () => {
    const peer = new Peer();
    const chance = new Chance(3);
    const count = { rows: 0, failed: 0, open: 0 };
    for (let round = 0; round < 400; round++) {
      const inputs = tables(chance);
      const sql = statement(chance);
      const told = await peer.ask<{ value?: Json; failed?: string; why?: string }>({
        kind: 'statement',
        sql,
        inputs,
        columns: COLUMNS,
      });
      const found = outcome(sql, strict(inputs), COLUMNS);
      if (found === 'not evaluated') {
        count.open += 1;
        continue;
      }
      const expected = told.failed ? 'failed' : canonicalText(told.value as Json);
      expect(found, `${sql}\n${JSON.stringify(inputs)}\n${told.why ?? ''}`).toBe(expected);
      count[found === 'failed' ? 'failed' : 'rows'] += 1;
    }
    expect(count.rows).toBeGreaterThan(200);
    expect(count.failed).toBeGreaterThan(15);
    expect(count.open).toBeLessThan(150);
    peer.close();
  });
});
