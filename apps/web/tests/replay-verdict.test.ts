/** The verdict on a replay, reached in the browser: it believes no word of the service that the hashes do not bear out. */

import { describe, expect, test } from 'vitest';

import type { ReplayReport, ReplayStep } from '../src/api/types.ts';
import { hex } from '../src/proof/bytes.ts';
import { leafHashOf, treeHash } from '../src/proof/merkle.ts';
import { nextDifference, verdictOn } from '../src/screens/replay/verdict.ts';

const leaf = (text: string): string => `sha256:${hex(leafHashOf(text))}`;
const rootOf = (texts: readonly string[]): string => `sha256:${hex(treeHash(texts.map(leafHashOf)))}`;

const NAMES = ['a', 'b', 'c'];

function step(stepId: string, members: Partial<ReplayStep> = {}): ReplayStep {
  const same = { grade: 'played', mark: 'equal', role: null, members: [], sections: {} } as const;
  return { stepId, recordedHash: leaf(stepId), hash: leaf(stepId), ...same, ...members };
}

const changed = (stepId: string, role: 'cause' | 'follows'): ReplayStep =>
  step(stepId, { hash: leaf(`${stepId}!`), grade: 'differs', mark: 'different', role, members: ['outputs'] });

const EQUAL: ReplayReport = {
  executionId: 'e',
  identical: true,
  merkleRoot: rootOf(NAMES),
  recordedRoot: rootOf(NAMES),
  steps: NAMES.map((name) => step(name)),
};
const DIFFERENT: ReplayReport = {
  ...EQUAL,
  identical: false,
  merkleRoot: rootOf(['a', 'b!', 'c!']),
  steps: [step('a'), changed('b', 'cause'), changed('c', 'follows')],
};
const RECORDED = {
  merkleRoot: rootOf(NAMES),
  steps: NAMES.map((stepId) => ({ stepId, attestationHash: leaf(stepId) })),
};

test('equal leaves, equal roots and the recorded proof give an identical replay', () => {
  expect(verdictOn(EQUAL, RECORDED)).toEqual({
    kind: 'identical',
    equal: 3,
    total: 3,
    causes: [],
    doubts: [],
  });
  expect(verdictOn(EQUAL, null).kind).toBe('identical');
});

test('a difference is told with its cause, and is no disagreement', () => {
  expect(verdictOn(DIFFERENT, RECORDED)).toMatchObject({
    kind: 'different',
    equal: 1,
    causes: ['b'],
    doubts: [],
  });
});

describe('what the service says is not believed when', () => {
  test.each<[string, ReplayReport, typeof RECORDED | null]>([
    ['it calls identical what is not', { ...DIFFERENT, identical: true }, null],
    ['it calls different what is identical', { ...EQUAL, identical: false }, null],
    ['its root is not that of its steps', { ...DIFFERENT, merkleRoot: EQUAL.merkleRoot }, null],
    ['the recorded root is not that of the steps', { ...EQUAL, recordedRoot: DIFFERENT.merkleRoot }, null],
    ['it leaves a step out', { ...EQUAL, steps: EQUAL.steps.slice(1) }, null],
    [
      'it marks as equal what has another hash',
      {
        ...DIFFERENT,
        steps: [step('a'), { ...changed('b', 'cause'), mark: 'equal' }, changed('c', 'follows')],
      },
      null,
    ],
    ['the recorded proof has another root', EQUAL, { ...RECORDED, merkleRoot: DIFFERENT.merkleRoot }],
    ['the recorded proof has another leaf', EQUAL, { ...RECORDED, steps: RECORDED.steps.slice(1) }],
  ])('%s', (_, report, recorded) => {
    const found = verdictOn(report, recorded);
    expect(found.kind).toBe('disagreement');
    expect(found.doubts).not.toEqual([]);
  });
});

test('the next difference goes round and passes over what only follows by its link', () => {
  const linked = step('d', { hash: leaf('d!'), grade: 'differs', mark: 'linked', role: 'follows' });
  const steps = [...DIFFERENT.steps, linked];
  expect(nextDifference(steps, undefined)).toBe('b');
  expect(nextDifference(steps, 'b')).toBe('c');
  expect(nextDifference(steps, 'c')).toBe('b');
  expect(nextDifference(EQUAL.steps, 'a')).toBeNull();
});
