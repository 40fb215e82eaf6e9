/** No changed byte of a file is taken for the file, and every kind of damage is named. */

import { expect, test } from 'vitest';

import { verify } from '../src/proof/verify.ts';
import type { CheckName } from '../src/proof/report.ts';
import { canonical } from '../src/proof/json/canonical.ts';
import { parseJson } from '../src/proof/json/strict.ts';
import type { Json, JsonObject } from '../src/proof/json/value.ts';
import { Chance, hasPeer, Peer } from './peer.ts';
import { bytesOf, jsonOf, type Vector } from './support.ts';

const GOOD = bytesOf('valid/completed.pcq');
const TRUST = bytesOf('trust/trust.json');

test('no byte can be changed', async () => {
  const chance = new Chance(20260203);
  for (let round = 0; round < 250; round++) {
    const changed = GOOD.slice();
    const at = chance.below(changed.length);
    changed[at] = (changed[at] as number) ^ (1 << chance.below(8));
    const { exitCode } = await verify(changed, TRUST);
    expect([1, 3, 4, 5, 6], `byte ${at}`).toContain(exitCode);
  }
});

type Change = (manifest: JsonObject) => unknown;
type Members = Record<string, JsonObject>;

const step = (manifest: JsonObject, at: number): JsonObject =>
  (manifest['steps'] as JsonObject[])[at] as JsonObject;
const attestation = (manifest: JsonObject, at: number): JsonObject =>
  (step(manifest, at) as Members)['attestation'] as JsonObject;

const CHANGES: [string, CheckName, Change][] = [
  ['an unknown member', 'schema', (manifest) => (manifest['extra'] = 1)],
  ['another executor', 'header', (manifest) => (manifest['executedBy'] = 'agent-457')],
  ['another purpose', 'header', (manifest) => ((manifest['context'] as JsonObject)['purpose'] = 'other')],
  ['another outcome', 'leaves', (manifest) => (attestation(manifest, 1)['outcome'] = 'skipped')],
  ['another salt', 'leaves', (manifest) => swapSalt(manifest)],
  [
    'a forged link',
    'chain',
    (manifest) => (attestation(manifest, 1)['previousAttestationHash'] = `sha256:${'0'.repeat(64)}`),
  ],
  ['a dropped step', 'root', (manifest) => (manifest['steps'] as Json[]).pop()],
  ['steps in another order', 'order', (manifest) => (manifest['steps'] as Json[]).reverse()],
  ['a repeated step', 'order', (manifest) => (manifest['steps'] as Json[]).push(step(manifest, 0))],
  ['swapped signatures', 'signatures', (manifest) => swapSignatures(manifest)],
  [
    'another observation',
    'subroots',
    (manifest) => ((step(manifest, 0) as Members)['observed']!['worker'] = 'another'),
  ],
  ['another text of a policy', 'materials', (manifest) => swapMaterial(manifest)],
];

function swapSalt(manifest: JsonObject): void {
  const salts = (attestation(manifest, 1)['salts'] as Members)['outputs'] as JsonObject;
  salts[Object.keys(salts)[0] as string] = 'base64:AAAAAAAAAAAAAAAAAAAAAA==';
}

function swapSignatures(manifest: JsonObject): void {
  const [first, second] = [attestation(manifest, 0), attestation(manifest, 1)];
  [first['signature'], second['signature']] = [second['signature'] as Json, first['signature'] as Json];
}

function swapMaterial(manifest: JsonObject): void {
  const key = (manifest['context'] as JsonObject)['policies'] as string;
  ((manifest['materials'] as Members)[key] as JsonObject)['text'] = '{"data":{},"modules":{}}';
}

test.each(CHANGES)('%s is found by the check %s', async (_, check, change) => {
  const manifest = parseJson(GOOD) as JsonObject;
  change(manifest);
  const report = await verify(canonical(manifest), TRUST);
  expect(report.exitCode).not.toBe(0);
  expect(report.checks.find((item) => item.name === check)?.status, report.sentence).toBe('fail');
});

test.skipIf(!hasPeer)('the Python verifier judges changed files alike', async () => {
  const peer = new Peer();
  const chance = new Chance(7);
  const files = ['valid/completed.pcq', 'valid/blocked.pcq', 'valid/one-step.pcq', 'valid/detached.pcq'].map(
    bytesOf,
  );
  for (let round = 0; round < 40; round++) {
    const manifest = parseJson(chance.pick(files)) as JsonObject;
    mutate(manifest, chance);
    const data = canonical(manifest);
    const report = await verify(data, TRUST);
    const [exit, statuses, reason] = await peer.ask<[number, string[], string]>({
      kind: 'verification',
      manifest: Buffer.from(data).toString('base64'),
      trust: Buffer.from(TRUST).toString('base64'),
    });
    expect(
      [report.exitCode, report.checks.map((check) => check.status)],
      `${report.reason}\n${reason}`,
    ).toEqual([exit, statuses]);
  }
  peer.close();
});

test.skipIf(!hasPeer)(
  'the Python verifier judges what is changed and sealed again alike',
  { timeout: 120_000 },
  async () => {
    const peer = new Peer();
    const chance = new Chance(11);
    const vectors = jsonOf<Vector[]>('index.json').filter(
      ({ exit, options }) => exit === 0 && !options.length,
    );
    const codes = new Set<number>();
    for (let round = 0; round < 150; round++) {
      const { file, trust } = chance.pick(vectors);
      const base64 = (name: string): string => Buffer.from(bytesOf(name)).toString('base64');
      const question = { kind: 'resealed', manifest: base64(file), trust: base64(trust), seed: round };
      const answer = await peer.ask<{ manifest: string; verdict: [number, string[], string] } | null>(
        question,
      );
      if (!answer) continue;
      const report = await verify(new Uint8Array(Buffer.from(answer.manifest, 'base64')), bytesOf(trust));
      const findings = report.checks.flatMap((check) => check.findings);
      if (findings.some((item) => item.message.includes('SQL that is not'))) continue;
      const [exit, statuses, reason] = answer.verdict;
      const told = `${file}, seed ${round}\n${report.reason}\n${reason}`;
      expect([report.exitCode, report.checks.map((check) => check.status)], told).toEqual([exit, statuses]);
      codes.add(exit);
    }
    expect([...codes].sort()).toEqual([0, 4, 6]);
    peer.close();
  },
);

/** One member, anywhere, gets another value. */
function mutate(manifest: JsonObject, chance: Chance): void {
  let place: Json = manifest;
  for (;;) {
    const names: string[] = Object.keys(place);
    const name = chance.pick(names);
    const inner = (place as JsonObject)[name] as Json;
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length && chance.below(8)) {
      place = inner;
      continue;
    }
    const others: Json[] = [
      null,
      0,
      1,
      'x',
      true,
      [],
      {},
      `sha256:${'0'.repeat(64)}`,
      'done',
      'failed',
      'skipped',
    ];
    (place as JsonObject)[name] = chance.pick(others);
    return;
  }
}
