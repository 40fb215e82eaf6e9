/** The unit vectors, one function at a time, and the small encodings at their edges. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { fromBase64, hex, toBase64, unhex, utf8 } from '../src/proof/bytes.ts';
import { commit, fieldDigest, fieldHead } from '../src/proof/commitments.ts';
import { Signatures } from '../src/proof/crypto/ed25519.ts';
import { decodeBase64, digest, instant, isTime, pae } from '../src/proof/encoding.ts';
import { canonical, canonicalText } from '../src/proof/json/canonical.ts';
import { parseJson, readJson } from '../src/proof/json/strict.ts';
import type { Json, JsonObject } from '../src/proof/json/value.ts';
import { decide, decideDerived, type Use } from '../src/proof/licences/decide.ts';
import { checkLicences, Registry } from '../src/proof/licences/registry.ts';
import { fieldsOf, type Field } from '../src/proof/manifest.ts';
import { leafHash, treeHash } from '../src/proof/merkle.ts';
import { selfContaining } from '../src/proof/provers/circles.ts';
import { hasCard, hasEmail, hasIban, hasPhone } from '../src/proof/provers/personal.ts';
import { ALLOWED } from '../src/proof/rego/allowed.ts';
import { person } from '../src/proof/reviews/needs.ts';
import { bytesOf, jsonOf, VECTORS } from './support.ts';

describe('strict JSON', () => {
  test.each([
    ['a byte order mark', '\ufeff{}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['a name twice after unescaping', '{"a":1,"\\u0061":1}'],
    ['a lone surrogate', '"\\ud800"'],
    ['surrogates in the wrong order', '"\\udc00\\ud800"'],
    ['an integer beyond 2^53 - 1', '9007199254740992'],
    ['a number beyond it by its exponent', '9.007199254740992e15'],
    ['an infinite number', '1e999'],
    ['a leading zero', '01'],
    ['a plus sign', '+1'],
    ['a point without digits', '1.'],
    ['a raw control character', '"\u0001"'],
    ['an unknown escape', '"\\x41"'],
    ['a comma too many', '[1,]'],
    ['a second value', '1 2'],
    ['nothing', ''],
    ['65 levels', '['.repeat(65) + ']'.repeat(65)],
    ['a literal cut short', 'tru'],
    ['a no-break space', '[\u00a01]'],
    ['a string without end', '"abc'],
  ])('%s is refused', (_, text) => {
    expect(() => parseJson(utf8(text))).toThrow(/character|byte/);
  });

  test('bytes that are no UTF-8 are refused', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
    ]) {
      expect(() => parseJson(Uint8Array.from(bytes))).toThrow('no UTF-8');
    }
  });

  test('names mean nothing but names', () => {
    const value = parseJson(utf8('{"__proto__":{"x":1},"constructor":2,"toString":3}')) as JsonObject;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
    expect('valueOf' in value).toBe(false);
    expect((value as { x?: Json }).x).toBeUndefined();
    expect(canonicalText(value)).toBe('{"__proto__":{"x":1},"constructor":2,"toString":3}');
  });

  test('10,000 members are taken and one more is not', () => {
    const members = (count: number): Uint8Array =>
      utf8(`{${Array.from({ length: count }, (_, at) => `"m${at}":0`).join(',')}}`);
    expect(Object.keys(parseJson(members(10_000)) as JsonObject)).toHaveLength(10_000);
    expect(() => parseJson(members(10_001))).toThrow('members');
  });

  test.each([
    '{"a":1,"b":[true,null,"é\\n\\u0001"]}',
    '{"1":2,"10":3,"9":1}',
    '"\u2028"',
    '1e+21'.slice(0, 1),
  ])('%s is its own RFC 8785 form, and is found to be', (text) => {
    const { isCanonical, value } = readJson(utf8(text));
    expect(canonicalText(value)).toBe(text);
    expect(isCanonical).toBe(true);
  });

  test.each([
    '{"b":1,"a":2}',
    '[1, 2]',
    '1.0',
    '1e2',
    '-0',
    '"\\u0041"',
    '"\\/"',
    '"\\u000a"',
    '[]\n',
    '0.10',
  ])('%s is not', (text) => {
    const { isCanonical, value } = readJson(utf8(text));
    expect(canonicalText(value)).not.toBe(text);
    expect(isCanonical).toBe(false);
  });

  test('hostile sizes end at once', () => {
    const started = performance.now();
    expect(() => parseJson(utf8('['.repeat(100_000)))).toThrow('levels');
    expect(() => parseJson(utf8('1'.repeat(10_000_000)))).toThrow('2^53');
    expect(() => parseJson(new Uint8Array(65 * 1024 * 1024))).toThrow('at most');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test('RFC 8785 texts', () => {
  for (const { json, hex: expected } of jsonOf<{ json: string; hex: string }[]>('unit/jcs.json')) {
    expect(hex(canonical(parseJson(utf8(json))))).toBe(expected);
  }
});

test('numbers are spelled as ECMAScript spells them', () => {
  for (const { ieee754, text } of jsonOf<{ ieee754: string; text: string }[]>('unit/numbers.json')) {
    expect(canonicalText(new DataView(unhex(ieee754).buffer).getFloat64(0))).toBe(text);
  }
});

test('pre-authentication encoding', () => {
  for (const { body, hex: expected, kind } of jsonOf<{ kind: string; body: string; hex: string }[]>(
    'unit/pae.json',
  )) {
    expect(hex(pae(kind, utf8(body)))).toBe(expected);
  }
});

test('fields and commitments', () => {
  interface Row {
    stepId: string;
    section: 'inputs' | 'outputs';
    salts: Record<string, string>;
    fields: Record<string, string>;
    commit: string;
  }
  const rows = jsonOf<{ sections: Row[] }>('unit/commitments.json').sections;
  const values = (parseJson(bytesOf('unit/commitments.json')) as { sections: Json }).sections as {
    value: Json;
  }[];
  rows.forEach((row, at) => {
    const [members, whole] = fieldsOf(values[at]?.value ?? null);
    const fields = new Map<string, Field>();
    for (const [key, value] of members) {
      const salt = decodeBase64(row.salts[key]) ?? new Uint8Array(0);
      const encoded = canonicalText(value);
      expect(fieldDigest(fieldHead(row.stepId, row.section), key, encoded, salt)).toBe(row.fields[key]);
      fields.set(key, { value, encoded, salt, hidden: null });
    }
    expect(commit(row.stepId, { name: row.section, fields, whole })).toBe(row.commit);
  });
  expect(rows.length).toBeGreaterThan(2);
});

test('Merkle roots of 0 to 9 leaves', () => {
  for (const { leaves, root } of jsonOf<{ leaves: string[]; root: string }[]>('unit/merkle.json')) {
    expect(hex(treeHash(leaves.map((leaf) => leafHash(unhex(leaf)))))).toBe(root);
  }
});

test.each([true, false])('signatures, with the engine’s own arithmetic: %s', async (native) => {
  const signatures = new Signatures(native);
  const rows =
    jsonOf<{ publicKey: string; keyid: string; message: string; signature: string }[]>('unit/ed25519.json');
  for (const row of rows) {
    const key = decodeBase64(row.publicKey) as Uint8Array;
    const signature = decodeBase64(row.signature) as Uint8Array;
    const message = unhex(row.message);
    expect(digest(key)).toBe(row.keyid);
    expect(await signatures.isStrict(signature, message, key)).toBe(true);
    expect(await signatures.isStrict(signature, Uint8Array.of(...message, 0x20), key)).toBe(false);
    for (let at = 0; at < 64; at++) {
      const changed = signature.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(await signatures.isStrict(changed, message, key), `byte ${at}`).toBe(false);
    }
  }
});

test('every byte string has one Base64 text', () => {
  for (let length = 0; length < 40; length++) {
    const data = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 0xff);
    const text = toBase64(data);
    expect(text).toBe(Buffer.from(data).toString('base64'));
    expect(fromBase64(text)).toEqual(data);
  }
  for (const text of ['AB==', 'AAB=', 'AA', 'AA=', 'A', 'AA==\n', 'AA-_', 'A===', '====', 'AAé=', 'AA=A']) {
    expect(fromBase64(text), text).toBeNull();
  }
});

test('times of 1.4 are times, and compare as instants', () => {
  expect(instant('1970-01-01T00:00:00.000001Z')).toBe(1n);
  expect(instant('2026-01-01T00:00:00.5Z')).toBe(instant('2026-01-01T00:00:00.500000Z'));
  expect(instant('0001-01-01T00:00:00Z')).toBeLessThan(instant('9999-12-31T23:59:59.999999Z') as bigint);
  const wrong = [
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '0000-01-01T00:00:00Z',
  ];
  wrong.push(
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.1234567Z',
  );
  for (const text of [...wrong, '2026-01-01 00:00:00Z', '２026-01-01T00:00:00Z', '2026-01-01T00:00:00z']) {
    expect(isTime(text), text).toBe(false);
  }
});

test('every case of the licence table', () => {
  interface Case {
    name: string;
    claim: { type: string; check?: string; action?: string; purpose?: string; facts?: JsonObject };
    facts: {
      now: string;
      user: string;
      purpose: string | null;
      revoked: string[] | null;
      sources?: string[];
    };
    expect: object;
  }
  const cases = jsonOf<Case[]>('licences.json');
  const values = parseJson(bytesOf('licences.json')) as { registry: JsonObject; claim: JsonObject }[];
  cases.forEach(({ claim, expect: expected, facts, name }, at) => {
    const value = values[at] as { registry: JsonObject; claim: JsonObject };
    checkLicences(value.registry);
    const registry = new Registry(value.registry);
    const purpose = claim.purpose ?? facts.purpose;
    const stated = (value.claim['facts'] ?? {}) as JsonObject;
    const use = (action: string): Use => ({ action, now: facts.now, user: facts.user, purpose, stated });
    const words = /^(\S+) allows (\S+)$/.exec(claim.check ?? '');
    if (claim.type !== 'license_derived' && !words) return;
    const decided = words
      ? decide(registry, words[1] as string, use(words[2] as string), facts.revoked)
      : decideDerived(registry, facts.sources ?? [], use(claim.action as string), facts.revoked, false);
    expect(decided, name).toEqual(expected);
  });
});

test('personal data is found where the table says, in linear time', () => {
  expect(hasEmail('write to a.b+c@mail.example.org now')).toBe(true);
  expect(hasEmail('a@b@c.de')).toBe(true);
  for (const text of ['a@b', '@b.de', 'a@.de', 'a@b..de', 'a@b.c', 'a @b.de'])
    expect(hasEmail(text), text).toBe(false);
  expect(hasIban('IBAN DE89370400440532013000.')).toBe(true);
  expect(hasIban('XDE89370400440532013000')).toBe(false);
  expect(hasCard('4111 1111-1111 1111')).toBe(true);
  expect(hasCard('4111 1111  1111 1111')).toBe(false);
  expect(hasPhone('+49 30 1234567')).toBe(true);
  expect(hasPhone('+0 30 1234567')).toBe(false);
  const started = performance.now();
  for (const text of [
    '1 '.repeat(300_000),
    'a@'.repeat(300_000),
    'A'.repeat(600_000),
    '+1'.repeat(300_000),
  ]) {
    for (const has of [hasEmail, hasIban, hasCard, hasPhone]) has(text);
  }
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('combinations that contain themselves are found however long the circle', () => {
  const chain = new Map<string, string[]>();
  for (let at = 0; at < 10_000; at++) chain.set(`p${at}`, [`p${at + 1}`]);
  chain.set('p10000', ['p9000']);
  const circles = selfContaining(chain);
  expect(circles.size).toBe(1_001);
  expect(circles.has('p9000')).toBe(true);
  expect(circles.has('p8999')).toBe(false);
});

test('one person under two spellings is one person', () => {
  expect(person('  Ann\u00a0')).toBe('ann');
  expect(person('ＡＮＮ')).toBe(person('ann'));
  expect(person('İ')).toBe('i\u0307');
  expect(person('\u001cx\u0085')).toBe('x');
  expect(person('\ufeffx')).not.toBe('x');
});

test('the allow-list is the spec’s', () => {
  const listed = readFileSync(join(VECTORS, '../rego-builtins.txt'), 'utf8').trim().split('\n');
  expect(ALLOWED).toEqual(listed);
});
