/** What the page makes of files and of reports. */

import { expect, test } from 'vitest';

import { CHECKS, FAULT, finding, reportOn, type Check, type Fault } from '../src/proof/report.ts';
import { verify } from '../src/proof/verify.ts';
import { digestFrom, digestOfHash, pinned } from '../src/verify/pin.ts';
import {
  commandOf,
  headItem,
  profileOf,
  questionOf,
  requestOf,
  trustItem,
  type Item,
} from '../src/verify/question.ts';
import {
  executionOf,
  headOf,
  megabytes,
  MOST_BYTES,
  recognise,
  refusalOfSize,
} from '../src/verify/recognise.ts';
import { reportJson, reportText } from '../src/verify/report-text.ts';
import { find } from '../src/verify/scan.ts';
import { emptyTrust, fingerprint, namedTrust } from '../src/verify/trust.ts';
import { countsOf, verdictOf, type Word } from '../src/verify/verdict.ts';
import { bytesOf, jsonOf, optionsOf, type Vector } from './support.ts';

const INDEX = jsonOf<Vector[]>('index.json');
const encoder = new TextEncoder();
const GOOD = 'valid/completed.pcq';
const TRUST = 'trust/trust.json';

/** The words that each exit code may be told with. */
const ALLOWED: Readonly<Record<number, readonly Word[]>> = {
  0: ['holds'],
  [FAULT.invalid]: ['does-not-hold'],
  [FAULT.untrusted]: ['signer-unknown', 'does-not-hold', 'cannot-be-checked'],
  [FAULT.notReproduced]: ['does-not-hold'],
  [FAULT.incomplete]: ['cannot-be-checked'],
  [FAULT.malformed]: ['does-not-hold', 'cannot-be-checked'],
};

test.each(INDEX.map((vector): [string, Vector] => [vector.file, vector]))('%s', async (file, vector) => {
  const report = await verify(bytesOf(file), bytesOf(vector.trust), optionsOf(vector.options));
  const { unchecked, why, word } = verdictOf(report);
  expect(ALLOWED[report.exitCode], `${word}: ${why}`).toContain(word);
  expect(word === 'holds').toBe(report.exitCode === 0);
  // Each check that was not done is told, with a reason.
  expect(unchecked.map(({ name }) => name)).toEqual(
    report.checks.flatMap(({ name, status }) => (status === 'not-checked' ? [name] : [])),
  );
  expect(unchecked.filter((item) => !item.why)).toEqual([]);
});

async function wordOf(file: string, trust: string): Promise<Word> {
  return verdictOf(await verify(bytesOf(file), bytesOf(trust))).word;
}

test('keys that nobody vouches for, keys that do not count, and trust files that are none', async () => {
  expect(await wordOf(GOOD, TRUST)).toBe('holds');
  expect(await wordOf(GOOD, 'trust/unknown.json')).toBe('signer-unknown');
  expect(await wordOf(GOOD, 'trust/revoked.json')).toBe('does-not-hold');
  expect(await wordOf(GOOD, 'trust/expired.json')).toBe('does-not-hold');
  expect(await wordOf(GOOD, 'trust/without-role.json')).toBe('does-not-hold');
  expect(await wordOf(GOOD, 'trust/old.json')).toBe('cannot-be-checked');
  expect(await wordOf(GOOD, 'trust/not-json.json')).toBe('cannot-be-checked');
});

test.each(['valid/completed.pcq', 'valid/review-break-glass.pcq', 'valid/blocked.pcq'])(
  'without a key %s holds, and the signer is unknown',
  async (file) => {
    const report = await verify(bytesOf(file), emptyTrust());
    const verdict = verdictOf(report);
    expect(verdict.word, verdict.why).toBe('signer-unknown');
    expect(verdict.unchecked.map(({ name }) => name)).toContain('signatures');
  },
);

test('what was changed does not hold, with or without keys', async () => {
  const bytes = bytesOf(GOOD).slice();
  const at = find(bytes, '"attestationHash":"sha256:') + 26;
  bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
  for (const trust of [bytesOf(TRUST), emptyTrust()]) {
    expect(verdictOf(await verify(bytes, trust)).word).toBe('does-not-hold');
  }
});

test('what is cut off, of another version or too large cannot be checked; what is spelled otherwise does not hold', async () => {
  const good = bytesOf(GOOD);
  const text = new TextDecoder().decode(good);
  const said = async (bytes: Uint8Array): Promise<Word> =>
    verdictOf(await verify(bytes, bytesOf(TRUST))).word;
  expect(await said(good.subarray(0, good.length / 2))).toBe('cannot-be-checked');
  expect(await said(encoder.encode(text.replace('manifest/v1', 'manifest/v2')))).toBe('cannot-be-checked');
  expect(await said(new Uint8Array(MOST_BYTES + 1))).toBe('cannot-be-checked');
  expect(await said(encoder.encode(`${text}\n`))).toBe('does-not-hold');
});

test('the worst of what is required decides, whatever the order', () => {
  const report = (faults: readonly Fault[]): ReturnType<typeof reportOn> =>
    reportOn(
      'full',
      CHECKS.map((name, at): Check => {
        const fault = faults[at];
        const findings = fault === undefined ? [] : [finding(fault, 'here', 'something')];
        return { name, status: fault === undefined ? 'pass' : 'fail', required: true, note: '', findings };
      }),
      null,
      [],
      '',
    );
  for (const fault of [FAULT.invalid, FAULT.notReproduced, FAULT.untrusted]) {
    expect(verdictOf(report([FAULT.incomplete, FAULT.malformed, fault])).word).toBe('does-not-hold');
  }
  expect(verdictOf(report([FAULT.malformed])).word).toBe('cannot-be-checked');
  expect(verdictOf(report([FAULT.incomplete])).word).toBe('cannot-be-checked');
  expect(verdictOf(report([])).word).toBe('holds');
  expect(verdictOf(report([]), 'another digest')).toMatchObject({
    word: 'does-not-hold',
    why: 'another digest',
  });
});

test('less than everything is never told as everything', async () => {
  const report = await verify(bytesOf(GOOD), bytesOf(TRUST), { profile: 'integrity' });
  const verdict = verdictOf(report);
  expect(verdict.word).toBe('holds');
  expect(verdict.unchecked.map(({ name }) => name)).toEqual(['inputs', 'outputs', 'verdicts']);
  expect(countsOf(report)).toMatch(/3 not done/);
});

test('files are known by what is in them', () => {
  expect(recognise('a.txt', bytesOf(GOOD))).toBe('proof');
  expect(recognise('proof.json', bytesOf(TRUST))).toBe('trust');
  expect(recognise(`sha256-${'0'.repeat(64)}`, encoder.encode('value'))).toBe('payload');
  expect(recognise('report.pdf', bytesOf('artifacts/report.pdf'))).toBe('artifact');
  expect(recognise('cut.pcq', encoder.encode('nothing'))).toBe('proof');
  expect(recognise('a.pcq', new Uint8Array([0x1f, 0x8b, 8]))).toEqual({
    refused: expect.stringContaining('this is gzip') as string,
  });
  expect(recognise('a.pcq', new Uint8Array())).toEqual({ refused: 'this file is empty' });
  expect(refusalOfSize(MOST_BYTES)).toBe('');
  expect(refusalOfSize(65 * 1024 * 1024)).toBe(
    '65.0 MiB: a proof and all that goes with it is at most 64 MiB a file',
  );
  expect([megabytes(12), megabytes(2048), megabytes(6_400_000)]).toEqual(['12 bytes', '2.0 KiB', '6.1 MiB']);
});

test('every vector and every trust file is what it is', () => {
  const read = INDEX.filter(({ exit }) => exit !== FAULT.malformed);
  expect(read.filter(({ file }) => recognise('file', bytesOf(file)) !== 'proof')).toEqual([]);
  expect(read.filter(({ trust }) => recognise('file', bytesOf(trust)) !== 'trust')).toEqual([]);
});

function item(name: string, kind: Item['kind'], bytes: Uint8Array = encoder.encode(name)): Item {
  return { id: name, name, kind, bytes: Uint8Array.from(bytes), digest: `sha256:${name}` };
}

test('of several proofs the one that no other names is asked about, or the chosen one', () => {
  const [head, child] = [bytesOf('valid/nested.pcq'), bytesOf('valid/nested-child.pcq')];
  expect(executionOf(child)).not.toBeNull();
  expect([headOf([head, child]), headOf([child, head]), headOf([])]).toEqual([0, 1, 0]);
  const items = [item('child.pcq', 'proof', child), item('head.pcq', 'proof', head), item('t', 'trust')];
  expect(headItem(items, null)?.name).toBe('head.pcq');
  expect(headItem(items, 'child.pcq')?.name).toBe('child.pcq');
  expect(headItem([item('t', 'trust')], null)).toBeNull();
  expect(trustItem(items)?.name).toBe('t');
  expect(trustItem([])).toBeNull();
});

test('files become a request, and the command that asks the same', () => {
  const items = [
    item('head.pcq', 'proof', bytesOf('valid/nested.pcq')),
    item('child one.pcq', 'proof', bytesOf('valid/nested-child.pcq')),
    item('trust.json', 'trust', bytesOf(TRUST)),
    item('value', 'payload'),
    item('table.csv', 'artifact'),
  ];
  const [head] = items as [Item];
  const question = questionOf(items, head, Uint8Array.from(bytesOf(TRUST)), 'disclosure');
  const request = requestOf(question, 4);
  expect([...(request.payloads ?? [])].map(([key]) => key)).toEqual(['sha256:value']);
  expect(request.expectations?.artifacts).toEqual([
    { name: 'table.csv', digest: 'sha256:table.csv', size: 9 },
  ]);
  expect(request.proofs).toHaveLength(1);
  // Handing a request over must leave the page its files.
  structuredClone(request, { transfer: [request.manifest, request.trust, ...(request.proofs ?? [])] });
  expect(head.bytes.length).toBeGreaterThan(0);
  expect(commandOf(question)).toBe(
    "pcq-verify head.pcq --trust trust.json --profile disclosure --proof 'child one.pcq' --payloads . --artifact table.csv",
  );
  expect(profileOf(head)).toBe('full');
  expect(profileOf(item('a.pcq', 'proof', bytesOf('valid/redacted-whole.pcq')))).toBe('disclosure');
});

test('what a digest that was expected is the digest of', async () => {
  const { facts } = await verify(bytesOf(GOOD), bytesOf(TRUST));
  const file = `sha256:${'ab'.repeat(32)}`;
  expect(digestFrom(` ${'AB'.repeat(32)} `)).toBe(file);
  expect([digestFrom('sha256:ab'), digestFrom('')]).toEqual([null, null]);
  expect(digestOfHash(`#sha256=${'ab'.repeat(32)}`)).toBe(file);
  expect(digestOfHash('#other')).toBeNull();
  expect(pinned(file, file, null)).toEqual({ of: 'the file', wrong: '' });
  expect(pinned(facts?.merkleRoot ?? '', file, facts).of).toBe('the Merkle root');
  expect(pinned(facts?.manifestHash ?? '', file, facts).of).toBe('the manifest hash');
  expect(pinned(`sha256:${'00'.repeat(32)}`, file, facts).wrong).toMatch(/Another proof than expected/);
  expect(pinned(null, file, facts)).toEqual({ of: '', wrong: '' });
});

test('trust files are named, and read by nobody but the verifier', () => {
  expect(namedTrust(bytesOf(TRUST))).toEqual({ keys: 2, version: 3 });
  expect([namedTrust(bytesOf('trust/not-json.json')), namedTrust(encoder.encode('null'))]).toEqual([
    null,
    null,
  ]);
  expect(namedTrust(emptyTrust())?.keys).toBe(0);
  expect(fingerprint(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123 4567 89ab cdef');
});

test('a report says everything that a person needs to pass it on', async () => {
  const report = await verify(bytesOf('attacks/payload-missing.pcq'), bytesOf(TRUST));
  const verdict = verdictOf(report);
  const about = {
    file: 'a.pcq',
    fileDigest: 'sha256:00',
    keys: '2 keys',
    at: '2026-01-01T00:00:00Z',
    milliseconds: 3.4,
  };
  const text = reportText(report, verdict, about);
  for (const words of [
    'CANNOT BE CHECKED',
    'a.pcq',
    'Not checked:',
    'This does NOT show',
    report.facts?.merkleRoot,
  ]) {
    expect(text).toContain(words);
  }
  expect(JSON.parse(reportJson(report, verdict, about))).toMatchObject({
    verdict: 'cannot-be-checked',
    report: { exitCode: 5 },
  });
});
