/** What is evaluated here has the value that the pinned engines give, and what may have another is not evaluated. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { EvaluationError, NotFiniteError } from '../src/proof/expressions/errors.ts';
import { Expressions } from '../src/proof/expressions/evaluate.ts';
import { canonicalText } from '../src/proof/json/canonical.ts';
import { parseJson } from '../src/proof/json/strict.ts';
import type { Json, JsonObject } from '../src/proof/json/value.ts';
import { Policies } from '../src/proof/rego/policies.ts';
import { conforms } from '../src/proof/schema/conforms.ts';
import { UnavailableError } from '../src/proof/values.ts';
import { DATA, expression } from './expression-maker.ts';
import { Chance, hasPeer, Peer } from './peer.ts';
import { ASKED, BUNDLE_DATA, module } from './policy-maker.ts';
import { schema, VALUES } from './schema-maker.ts';

const strict = (value: unknown): Json => parseJson(new TextEncoder().encode(canonicalText(value as Json)));

describe('policies', () => {
  const folder = join(import.meta.dirname, '../../../services/runbooks/policies');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

  test('the shipped policies decide as their cases say', () => {
    const names = readdirSync(folder).filter(
      (name) => name.endsWith('.rego') && !name.endsWith('_test.rego'),
    );
    const modules = Object.fromEntries(names.map((name) => [name, read(name)]));
    const policies = new Policies({ modules, data: strict(JSON.parse(read('data.json'))) as JsonObject });
    const cases = JSON.parse(read('cases.json')) as {
      desc: string;
      query: string;
      input: unknown;
      decision: string;
    }[];
    for (const { decision, desc, input, query } of cases) {
      expect(policies.decide(query, strict(input) as JsonObject), desc).toBe(decision);
    }
    expect(cases.length).toBeGreaterThan(5);
  });

  test.each([
    ['`with`', 'allow if data.x with input as {}'],
    ['`every`', 'allow if {\n\tevery x in [1] { x > 0 }\n}'],
    ['`else`', 'allow if false else := true'],
    ['an escape', 'allow if input.a == "\\u00e9"'],
    ['a comparison of kinds', 'allow if "9" < 5'],
    [
      'a failing builtin beside a condition that does not hold',
      'allow if {\n\tfalse\n\tto_number("x") == 1\n}',
    ],
    ['a builtin that is not here', 'allow if glob.match("*", [], "a")'],
    ['a list made of a set', 'allow if concat(",", {"a", "b"}) == "a,b"'],
    ['arithmetic of fractions', 'allow if 0.1 + 0.2 == 0.3'],
  ])('%s is named and not decided', (_, rule) => {
    const policies = new Policies({ modules: { 'a.rego': `package test\n${rule}\n` }, data: {} });
    expect(() => policies.decide('data.test.allow', {})).toThrow(UnavailableError);
  });

  test.skipIf(!hasPeer)('generated policies decide as rego-cpp decides', async () => {
    const peer = new Peer();
    const chance = new Chance(3);
    let decided = 0;
    for (let round = 0; round < 150; round++) {
      const modules = { 't.rego': module(chance) };
      const question = {
        kind: 'policy',
        modules,
        data: BUNDLE_DATA,
        query: 'data.test.allow',
        inputs: ASKED,
      };
      const expected = await peer.ask<string[]>(question);
      const policies = new Policies({ modules, data: strict(BUNDLE_DATA) as JsonObject });
      ASKED.forEach((input, at) => {
        try {
          const found = policies.decide('data.test.allow', strict(input) as JsonObject);
          expect(found, modules['t.rego']).toBe(expected[at]);
          decided += 1;
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
        }
      });
    }
    expect(decided).toBeGreaterThan(200);
    peer.close();
  });
});

describe('expressions', () => {
  test.each([
    '$now()',
    '$eval("1")',
    '$random()',
    '$shuffle([1])',
    '$millis()',
    '$contains("x", /"/) ? 1 : $millis()',
  ])('%s has no value', async (text) => {
    await expect(new Expressions().evaluate(text, {})).rejects.toThrow(EvaluationError);
  });

  test('what is written into the data by the engine stays in a copy', async () => {
    const data = strict({ empty: [], rows: [{ k: 1 }] });
    await new Expressions().evaluate('empty{"k": 1}', data);
    await new Expressions().evaluate('rows[]', data);
    expect(canonicalText(data)).toBe('{"empty":[],"rows":[{"k":1}]}');
  });

  test.each([
    '$formatNumber(1, "0")',
    '$fromMillis(1)',
    'a ?: 1',
    '$sort(a, function($l, $r){ $l > $r })',
    '$keys(a){k: 1}',
  ])('%s is not evaluated', async (text) => {
    await expect(new Expressions().evaluate(text, {})).rejects.toThrow(UnavailableError);
  });

  test('names that engines order in different ways are not looked at in order', async () => {
    const data = strict({ a: { '10': 1, '9': 2 } });
    await expect(new Expressions().evaluate('$keys(a)', data)).rejects.toThrow(UnavailableError);
    expect(await new Expressions().evaluate('a.`10`', data)).toBe(1);
  });

  test.skipIf(!hasPeer)('generated expressions have the value that jsonatapy gives', async () => {
    const peer = new Peer();
    const chance = new Chance(3);
    const expressions = new Expressions();
    const data = strict(DATA);
    let valued = 0;
    for (let round = 0; round < 600; round++) {
      const text = expression(chance, 3);
      const expected = await peer.ask<{ value?: Json; failed?: string }>({
        kind: 'expression',
        expression: text,
        data,
      });
      const found = await outcome(expressions, text, data);
      if (found === null) continue;
      const told = expected.failed ?? canonicalText(expected.value as Json);
      expect(found, text).toBe(told);
      valued += expected.failed ? 0 : 1;
    }
    expect(valued).toBeGreaterThan(150);
    peer.close();
  });
});

/** The value's spelling, how it failed, or null where there is nothing to compare. */
async function outcome(expressions: Expressions, text: string, data: Json): Promise<string | null> {
  try {
    return canonicalText(await expressions.evaluate(text, data));
  } catch (error) {
    if (error instanceof UnavailableError) return null;
    if (error instanceof NotFiniteError) return 'not finite';
    if (error instanceof EvaluationError) return 'error';
    throw error;
  }
}

describe('schemas', () => {
  test.skipIf(!hasPeer)('generated schemas take what jsonschema-rs takes', async () => {
    const peer = new Peer();
    const chance = new Chance(3);
    let compared = 0;
    for (let round = 0; round < 400; round++) {
      const made = schema(chance, 3);
      if (typeof made !== 'object') continue;
      const values = Array.from({ length: 5 }, () => chance.pick(VALUES));
      const expected = await peer.ask<string[]>({ kind: 'schema', schema: made, values });
      values.forEach((value, at) => {
        try {
          const found = conforms(strict(made) as JsonObject, strict(value));
          const told = found === null ? 'unusable' : found ? 'valid' : 'invalid';
          expect(told, `${JSON.stringify(made)} ${JSON.stringify(value)}`).toBe(expected[at]);
          compared += 1;
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
        }
      });
    }
    expect(compared).toBeGreaterThan(1_000);
    peer.close();
  });
});
