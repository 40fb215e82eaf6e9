/** Models: powers, rounding and whole rows, bit by bit (spec/models.md). */

import { expect, test } from 'vitest';

import { hex } from '../src/proof/bytes.ts';
import { canonicalText } from '../src/proof/json/canonical.ts';
import { parseJson } from '../src/proof/json/strict.ts';
import { objectOf, type Json, type JsonObject } from '../src/proof/json/value.ts';
import { checkModel, expOfMinus, scored, type Model } from '../src/proof/steps/score.ts';
import { bytesOf, jsonOf } from './support.ts';

interface Unit {
  readonly exp: { readonly y: number; readonly ieee754: string }[];
  readonly rounding: { readonly p: number; readonly decimals: number; readonly result: number }[];
}

const UNIT = jsonOf<Unit>('unit/models.json');

test('powers', () => {
  for (const { ieee754, y } of UNIT.exp) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, expOfMinus(y));
    expect(hex(bytes), String(y)).toBe(ieee754);
  }
  expect(UNIT.exp.length).toBeGreaterThan(10);
});

test('rounding', () => {
  for (const { decimals, p, result } of UNIT.rounding) {
    const power = 10 ** decimals;
    expect(Math.floor(p * power + 0.5) / power, String(p)).toBe(result);
  }
});

test('rows', () => {
  const { model, rows } = parseJson(bytesOf('unit/models.json')) as { model: Json; rows: JsonObject[] };
  checkModel(model);
  rows.forEach(({ confidence, row }, index) => {
    const expected = objectOf([...Object.entries(row as JsonObject), ['confidence', confidence as Json]]);
    expect(canonicalText(scored(model as unknown as Model, row as Json, index))).toBe(
      canonicalText(expected),
    );
  });
  expect(rows.length).toBeGreaterThan(5);
});
