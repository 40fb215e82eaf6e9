/** The worker's protocol: a report, progress, a cancel. */

import { expect, test } from 'vitest';

import { Answering } from '../src/proof/answering.ts';
import { judgeFor, SignaturesBeside } from '../src/proof/crypto/beside.ts';
import { transferred, type Answer, type Request } from '../src/proof/protocol.ts';
import { CHECKS } from '../src/proof/report.ts';
import { bytesOf } from './support.ts';

function buffer(name: string): ArrayBuffer {
  return bytesOf(name).slice().buffer;
}

function request(id: number, file = 'valid/completed.pcq'): Request {
  return { kind: 'verify', id, manifest: buffer(file), trust: buffer('trust/trust.json') };
}

test('a request is answered by progress and then one report, which can be sent', async () => {
  const answers: Answer[] = [];
  await new Answering((answer) => answers.push(structuredClone(answer))).hear(request(7));
  const last = answers.at(-1);
  expect(last?.kind === 'report' && last.report.exitCode).toBe(0);
  expect(answers.every((answer) => answer.id === 7)).toBe(true);
  const begun = answers.flatMap((answer) => (answer.kind === 'progress' ? [answer.progress.check] : []));
  expect(begun).toEqual(
    CHECKS.filter((name) => begun.includes(name)).flatMap((name) => begun.filter((item) => item === name)),
  );
  expect(begun).toContain('verdicts');
});

test('payloads lie beside the manifest', async () => {
  const answers: Answer[] = [];
  const hear = new Answering((answer) => answers.push(answer));
  await hear.hear(request(1, 'attacks/payload-missing.pcq'));
  const missing = answers.at(-1);
  expect(missing?.kind === 'report' && missing.report.exitCode).toBe(5);
});

test('proofs go along, and what none was given of is told', async () => {
  const asked = { ...request(1, 'valid/nested.pcq'), proofs: [buffer('valid/nested-child.pcq')] };
  const answers: Answer[] = [];
  const answering = new Answering((answer) => answers.push(structuredClone(answer)));
  expect(transferred(asked)).toContain(asked.proofs[0]);
  await answering.hear(request(2, 'valid/nested.pcq'));
  await answering.hear(asked);
  const [without, given] = answers.flatMap((answer) => (answer.kind === 'report' ? [answer.report] : []));
  expect([without?.exitCode, given?.exitCode]).toEqual([0, 0]);
  expect(without?.notes).toEqual([expect.stringContaining('of which no proof was given')]);
  expect(given?.notes).toEqual([]);
  // The checks of a proof that goes along are no progress through the list of the one that was asked about.
  const begun = answers.filter(
    (answer) => answer.kind === 'progress' && answer.id === 1 && answer.progress.check === 'header',
  );
  expect(begun).toHaveLength(1);
});

test('a cancel ends the work, and no report comes', async () => {
  const answers: Answer[] = [];
  const answering = new Answering((answer) => {
    answers.push(answer);
    if (answer.kind === 'progress') void answering.hear({ kind: 'cancel', id: answer.id });
  });
  await answering.hear(request(3));
  expect(answers.at(-1)).toEqual({ kind: 'cancelled', id: 3 });
  expect(answers.some((answer) => answer.kind === 'report')).toBe(false);
});

test('buffers are handed over', () => {
  const asked = request(1);
  expect(transferred(asked)).toHaveLength(2);
  expect(transferred({ kind: 'cancel', id: 1 })).toEqual([]);
});

test('signatures that another worker decides are decided as they are here', async () => {
  for (const [file, exit] of [
    ['valid/completed.pcq', 0],
    ['attacks/step-signatures-swapped.pcq', 1],
  ] as const) {
    const { port1, port2 } = new MessageChannel();
    const answers: Answer[] = [];
    const answering = new Answering((answer) => answers.push(answer));
    void answering.hear({ kind: 'judge', port: port1 });
    const alone: Request = request(1, file);
    await answering.hear(alone);
    await answering.hear({ ...request(2, file), kind: 'verify', signatures: port2 } as Request);
    const [here, beside] = answers.flatMap((answer) => (answer.kind === 'report' ? [answer.report] : []));
    expect(beside).toEqual(here);
    expect(beside?.exitCode).toBe(exit);
    port2.close();
  }
});

test('more signatures than travel at once, each with its own answer', async () => {
  const { port1, port2 } = new MessageChannel();
  judgeFor(port1);
  const beside = new SignaturesBeside(port2);
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const asked = Array.from({ length: 600 }, async (_, at) => {
    const message = new TextEncoder().encode('x'.repeat(at));
    const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message));
    const given = at % 3 ? message : new Uint8Array(at + 1);
    return beside.isStrict(signature, given, key);
  });
  const expected = asked.map((_, at) => at % 3 !== 0);
  expect(await Promise.all(asked)).toEqual(expected);
  expect(await beside.isStrict(new Uint8Array(63), new Uint8Array(0), key)).toBe(false);
  port2.close();
});
