/** Public vectors of others, which are not part of the repository: set CONFORMANCE_VECTORS to their folder. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { unhex } from '../src/proof/bytes.ts';
import { Signatures } from '../src/proof/crypto/ed25519.ts';
import { canonicalText } from '../src/proof/json/canonical.ts';
import { parseJson } from '../src/proof/json/strict.ts';

// Valid JSON, and refused here: duplicate names, and numbers beyond 2^53 - 1.
const REFUSED_THOUGH_VALID = [
  'y_number.json',
  'y_number_real_capital_e.json',
  'y_number_real_exponent.json',
  'y_number_real_fraction_exponent.json',
  'y_object_duplicated_key.json',
  'y_object_duplicated_key_and_value.json',
  'y_object_extreme_numbers.json',
];
// Where JSON leaves the choice, this reader takes only what cannot be misunderstood.
const TAKEN_OF_UNDECIDED = ['i_number_double_huge_neg_exp.json', 'i_number_real_underflow.json'];

const FOLDER = process.env['CONFORMANCE_VECTORS'] ?? '';

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;
}

function isStrict(data: Uint8Array): boolean {
  try {
    parseJson(data);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!existsSync(FOLDER))('public vectors', () => {
  test('JSONTestSuite', () => {
    const folder = join(FOLDER, 'jsontestsuite/test_parsing');
    const names = readdirSync(folder).sort();
    const taken = new Set(names.filter((name) => isStrict(new Uint8Array(readFileSync(join(folder, name))))));
    expect(names).toHaveLength(318);
    expect([...taken].filter((name) => name.startsWith('n'))).toEqual([]);
    expect(names.filter((name) => name.startsWith('y') && !taken.has(name))).toEqual(REFUSED_THOUGH_VALID);
    expect([...taken].filter((name) => name.startsWith('i'))).toEqual(TAKEN_OF_UNDECIDED);
  });

  test('ECMAScript numbers', () => {
    const lines = readFileSync(join(FOLDER, 'es6-numbers/es6-10000.txt'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(10_000);
    for (const line of lines) {
      const [bits, expected] = line.split(',') as [string, string];
      const value = new DataView(unhex(bits.padStart(16, '0')).buffer).getFloat64(0);
      expect(canonicalText(value)).toBe(expected.trim());
    }
  });

  test.each([true, false])(
    'Wycheproof, RFC 8032 and edge cases of Ed25519, with WebCrypto: %s',
    async (native) => {
      const signatures = new Signatures(native);
      interface Suite {
        testGroups: {
          publicKey: { pk: string };
          tests: { sig: string; msg: string; result: string; comment: string }[];
        }[];
      }
      let seen = 0;
      for (const { publicKey, tests } of read<Suite>('wycheproof/testvectors_v1/ed25519_test.json')
        .testGroups) {
        for (const { comment, msg, result, sig } of tests) {
          const found = await signatures.isStrict(unhex(sig), unhex(msg), unhex(publicKey.pk));
          expect(found, comment).toBe(result === 'valid');
          seen += 1;
        }
      }
      expect(seen).toBe(151);
      for (const { msg, pub, sig } of read<Record<string, string>[]>(
        'rfc8032-noble/rfc8032-ed25519.json',
      ).slice(0, 200)) {
        expect(await signatures.isStrict(unhex(sig ?? ''), unhex(msg ?? ''), unhex(pub ?? ''))).toBe(true);
      }
      for (const { message, pub_key, signature } of read<Record<string, string>[]>(
        'rfc8032-noble/noble-edge-cases.json',
      )) {
        expect(
          await signatures.isStrict(unhex(signature ?? ''), unhex(message ?? ''), unhex(pub_key ?? '')),
        ).toBe(false);
      }
    },
  );
});
