/** Every vector ends as the index says, and every check as the other verifier says. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CHECKS } from '../src/proof/report.ts';
import { verify } from '../src/proof/verify.ts';
import { bytesOf, jsonOf, optionsOf, type Vector } from './support.ts';

const INDEX = jsonOf<Vector[]>('index.json');
// One letter a check: pass, fail, not-checked, -applicable. Written by verdicts.py, which asks pcq-verify.
const VERDICTS = JSON.parse(readFileSync(join(import.meta.dirname, 'verdicts.json'), 'utf8')) as Record<
  string,
  string
>;
const LETTERS = { pass: 'p', fail: 'f', 'not-checked': 'n', 'not-applicable': 'a' };

test.each(INDEX.map((vector): [string, Vector] => [vector.file, vector]))('%s', async (file, vector) => {
  const report = await verify(bytesOf(file), bytesOf(vector.trust), optionsOf(vector.options));
  const told = `${report.sentence}\n${vector.desc}`;
  const letters = report.checks.map((check) => LETTERS[check.status]).join('');
  const isSql = report.checks.some((check) =>
    check.findings.some((item) => item.message.includes('SQL is not')),
  );
  const [exit, expected] = isSql
    ? withoutSql(vector.exit, VERDICTS[file] ?? '')
    : [vector.exit, VERDICTS[file]];
  expect(report.exitCode, told).toBe(exit);
  expect(letters, `${told}\nIf a vector is new or another, run \`make verdicts\`.`).toBe(expected);
  expect(report.sentence.startsWith(exit ? '❌ Verification failed: ' : '✅ Proofs verified')).toBe(true);
});

/** There is no engine for SQL here: the outputs are not checked, and where nothing else is wrong that is incomplete. */
function withoutSql(exit: number, letters: string): [number, string] {
  const at = CHECKS.indexOf('outputs');
  const changed = `${letters.slice(0, at)}n${letters.slice(at + 1)}`;
  return [changed.includes('f') ? exit : 5, changed];
}

test('the verdicts are those of the vectors', () => {
  expect(Object.keys(VERDICTS).sort()).toEqual(INDEX.map((vector) => vector.file).sort());
});
