/** `disclosure`: no personal data in the texts, no small cells in the counts (spec/provers.md, 11). */

import { canonicalText } from '../json/canonical.ts';
import { escaped } from '../json/pointer.ts';
import { byBytes, type Json, type JsonObject } from '../json/value.ts';
import { distinct, integer, oneOf, open, text } from '../shape/shapes.ts';
import { hasCard, hasEmail, hasIban, hasPhone } from './personal.ts';
import {
  claimOf,
  judgement,
  POINTER,
  pointerOf,
  rowsAt,
  valueAt,
  type Prover,
  type Scope,
} from './prover.ts';

const MOST_FINDINGS = 20;
const KINDS = { email: hasEmail, iban: hasIban, card: hasCard, phone: hasPhone };

type Kind = keyof typeof KINDS;
type Place = readonly [pointer: string, text: string];

export const disclosure: Prover = {
  phase: 'postconditions',
  claim: claimOf(
    {},
    {
      kinds: distinct(oneOf(...Object.keys(KINDS))),
      smallCells: open({ field: text(), minimum: integer(2) }),
      ...POINTER,
    },
  ),
  judge(claim, scope) {
    const pointer = pointerOf(claim);
    const value = valueAt(claim, scope);
    if (value === undefined) {
      const evidence = { pointer, strings: null, findings: [], smallest: null };
      return judgement('error', 'disclosure.no_value', evidence);
    }
    const places = [...texts(value, pointer)];
    const findings = findingsIn(places, (claim['kinds'] ?? Object.keys(KINDS)) as Kind[]);
    const cells = claim['smallCells'] as { field: string; minimum: number } | undefined;
    const numbers = cells ? numbersOf(claim, scope, cells.field) : [];
    const positive = (numbers ?? []).filter((item) => item > 0);
    const smallest = positive.length ? positive.reduce((least, item) => Math.min(least, item)) : null;
    const evidence = { pointer, strings: places.length, findings, smallest };
    if (!numbers) return judgement('error', 'disclosure.no_cells', evidence);
    if (findings.length) return judgement('fail', 'disclosure.personal_data', evidence);
    if (cells && smallest !== null && smallest < cells.minimum) {
      return judgement('fail', 'disclosure.small_cell', evidence);
    }
    return judgement('pass', 'disclosure.none', evidence);
  },
};

/** Every string at or below `value`, each with its pointer. */
function* texts(value: Json, pointer: string): Generator<Place> {
  if (typeof value === 'string') yield [pointer, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) yield* texts(item, `${pointer}/${escaped(name)}`);
}

function findingsIn(places: readonly Place[], kinds: readonly Kind[]): JsonObject[] {
  const found = kinds.flatMap((kind) =>
    places.filter(([, told]) => KINDS[kind](told)).map(([pointer]) => ({ kind, pointer })),
  );
  const spelled = found.map((item) => [canonicalText(item), item] as const);
  spelled.sort(([left], [right]) => byBytes(left, right));
  return spelled.slice(0, MOST_FINDINGS).map(([, item]) => item);
}

function numbersOf(claim: JsonObject, scope: Scope, field: string): number[] | null {
  const rows = rowsAt(claim, scope);
  const found = rows?.map((row) => row[field]);
  return found?.every((item) => typeof item === 'number') ? found : null;
}
