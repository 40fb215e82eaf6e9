/** The shapes of claims and of registries of claims (spec/provers.md, 1); the kinds are in `provers/`. */

import type { JsonObject } from './json/value.ts';
import type { Phase } from './manifest.ts';
import { COMBINATION_SHAPES } from './provers/combined-shape.ts';
import { claimShape } from './provers/kinds.ts';
import { mapping, oneOf, open, text, type Checker } from './shape/shapes.ts';

export type Claims = Partial<Record<Phase, Readonly<Record<string, JsonObject>>>>;

const ANY_CLAIM = open({ type: text() }, { severity: oneOf('block', 'warn') });

// A claim of a kind that nobody knows has any members: its verdict is `prover.unknown_kind`, whatever it says.
const claim: Checker = (value) => {
  ANY_CLAIM(value);
  const kind = (value as JsonObject)['type'] as string;
  (COMBINATION_SHAPES.get(kind) ?? claimShape(kind))?.(value);
};

export const CLAIMS = open({}, { preconditions: mapping(claim), postconditions: mapping(claim) });
