/** Every vector ends as the index says, and every check as the other verifier says. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

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
  expect(report.exitCode, told).toBe(vector.exit);
  expect(letters, `${told}\nIf a vector is new or another, run \`make verdicts\`.`).toBe(VERDICTS[file]);
  expect(report.sentence.startsWith(vector.exit ? '❌ Verification failed: ' : '✅ Proofs verified')).toBe(
    true,
  );
});

test('the verdicts are those of the vectors', () => {
  expect(Object.keys(VERDICTS).sort()).toEqual(INDEX.map((vector) => vector.file).sort());
});
