/** A case: what waits behind a step, what can be said, and what can be checked before a run has ended. */

import { describe, expect, test } from 'vitest';

import type { Action, ReviewTicket } from '../src/api/types.ts';
import { coreOf } from '../src/proof/commitments.ts';
import { readJson } from '../src/proof/json/strict.ts';
import { readManifest } from '../src/proof/manifest.ts';
import { checkSeals, type Seal } from '../src/proof/sealed.ts';
import { afterApproval, downstream, effectOf } from '../src/screens/review/blocked.ts';
import { reasonFault, refusal, sayingOf, shownActions } from '../src/screens/review/decisions.ts';
import { bytesOf } from './support.ts';

const NODES = [
  { stepId: 'a', type: 'query', dependsOn: [] },
  { stepId: 'b', type: 'mutation', dependsOn: ['a'] },
  { stepId: 'c', type: 'transform', dependsOn: ['b'] },
  { stepId: 'd', type: 'query', dependsOn: ['a'] },
  { stepId: 'e', type: 'notify', dependsOn: ['c', 'd'] },
];

describe('what is blocked', () => {
  const ids = (stepId: string): string[] => downstream(NODES, stepId).map((node) => node.stepId);

  test('all that depends on it, directly or not, in whatever order it is told', () => {
    expect(ids('b')).toEqual(['c', 'e']);
    expect(ids('a')).toEqual(['b', 'c', 'd', 'e']);
    expect(ids('e')).toEqual([]);
    expect(downstream([...NODES].reverse(), 'b').map((node) => node.stepId)).toEqual(['e', 'c']);
  });

  test('what a step does to the world is said, and of what only computes nothing', () => {
    expect([effectOf('notify'), effectOf('transform')]).toEqual(['sends messages', null]);
  });

  test('a rolled back change is made again, and an override is called one', () => {
    const of = (requirement: string, type: string, waiting = 2): string =>
      afterApproval({ requirement, failedStep: 'b' } as ReviewTicket, type, waiting);
    expect(of('denial/postconditions', 'mutation')).toMatch(/rolled back.*2 steps go on.*done by override/);
    expect(of('denial/postconditions', 'query', 1)).toMatch(/gave stands.*1 step goes on/);
    expect(of('denial/preconditions', 'mutation')).toMatch(/prepared again/);
    expect(of('approval', 'approval')).not.toMatch(/override/);
  });
});

describe('what can be said', () => {
  const review = (actions: readonly Partial<Action>[]): ReviewTicket =>
    ({ requirement: 'denial/preconditions', actions }) as unknown as ReviewTicket;

  test('what this state does not allow is left out, the rest is in one order', () => {
    const shown = shownActions(
      review([
        { name: 'break-glass', code: null },
        { name: 'info-given', code: 'review.not_now' },
        { name: 'approved', code: 'review.requester' },
      ]),
    );
    expect(shown.map((action) => action.name)).toEqual(['approved', 'break-glass']);
  });

  test('a button that is off says why', () => {
    const action = { name: 'approved', enabled: false, code: 'review.requester', reason: 'long' } as const;
    expect(refusal(action)).toBe('You started this run; another must decide.');
    expect(refusal({ ...action, code: 'new.code' })).toBe('long');
    expect(refusal({ ...action, enabled: true })).toBeNull();
  });

  test('an override needs more words than a question', () => {
    expect(reasonFault('Why so few?', false)).toBeNull();
    expect(reasonFault('Why so few?', true)).toMatch(/9 more/);
    expect(reasonFault('                              ', true)).toBe('Say it in words.');
    expect(reasonFault('... !', false)).toBe('Say it in words.');
    expect(reasonFault('x'.repeat(4001), true)).toMatch(/4,000/);
  });

  test('only a denial is overridden', () => {
    expect(sayingOf('approved', review([]))?.button).toBe('Approve as override…');
    const plain = { ...review([]), requirement: 'approval' };
    expect(sayingOf('approved', plain)?.button).toBe('Approve…');
    expect(sayingOf('expired', plain)).toBeNull();
  });
});

describe('seals before the end', () => {
  const trust = bytesOf('trust/trust.json');
  const [manifest] = readManifest(readJson(bytesOf('valid/completed.pcq')));
  const seals: Seal[] = manifest.steps.map((step) => ({
    stepId: step.stepId,
    dependsOn: manifest.dependsOn.get(step.stepId) ?? [],
    core: JSON.parse(new TextDecoder().decode(coreOf(step, manifest))) as Record<string, unknown>,
    attestationHash: step.attestation.attestationHash,
    keyid: step.attestation.keyid,
    signature: step.attestation.signature,
  }));
  const faults = async (changed: readonly Seal[]): Promise<string[][]> =>
    (await checkSeals(changed, trust)).map((step) => [...step.faults]);
  const changed = (at: number, members: Partial<Seal>): Seal[] =>
    seals.map((seal, index) => (index === at ? { ...seal, ...members } : seal));

  test('sealed steps are as they were signed, all of them or the first few', async () => {
    expect(seals.length).toBeGreaterThan(2);
    expect((await faults(seals)).flat()).toEqual([]);
    expect((await faults(seals.slice(0, 2))).flat()).toEqual([]);
  });

  test('a changed statement, hash, signature or key is found at its step', async () => {
    const [first, second] = seals as [Seal, Seal];
    const core = { ...second.core, outcome: 'overridden' };
    expect((await faults(changed(1, { core })))[1]).toEqual(['its hash is another one']);
    expect((await faults(changed(1, { signature: first.signature })))[1]).toEqual([
      'its signature does not fit',
    ]);
    expect((await faults(changed(1, { keyid: `sha256:${'0'.repeat(64)}` })))[1]?.[0]).toMatch(
      /not in the trust/,
    );
    expect((await faults(changed(1, { attestationHash: first.attestationHash })))[2]).toContain(
      'it does not name the step before it',
    );
  });

  test('a step left out, or put in another place, breaks the chain', async () => {
    expect((await faults(seals.slice(1))).flat()).toContain('it does not name the step before it');
    const [first, second, ...rest] = seals as [Seal, Seal, ...Seal[]];
    expect((await faults([second, first, ...rest])).flat()).toContain('it does not name the step before it');
  });

  test('a step of another name or with other dependencies is found', async () => {
    expect((await faults(changed(0, { stepId: 'other' })))[0]).toContain(
      'its statement is about another step',
    );
    expect((await faults(changed(0, { dependsOn: ['x'] })))[0]).toContain('it names other dependencies');
  });
});
