/** The kinds of prover that judge by themselves; combinations are in `combined.ts` (spec/provers.md, 16). */

import type { Checker } from '../shape/shapes.ts';
import { budget } from './budget.ts';
import { citations } from './citations.ts';
import { disclosure } from './disclosure.ts';
import { fourEyes } from './four-eyes.ts';
import { licenceDerived, licenceRegistry } from './licence.ts';
import { metric } from './metric.ts';
import { opa } from './opa.ts';
import type { Prover } from './prover.ts';
import { completeness, freshness, rowCount } from './rows.ts';
import { schema } from './schema.ts';
import { timeWindow } from './time-window.ts';

const KINDS: ReadonlyMap<string, Prover> = new Map<string, Prover>([
  ['opa', opa],
  ['license_registry', licenceRegistry],
  ['license_derived', licenceDerived],
  ['time_window', timeWindow],
  ['budget', budget],
  ['four_eyes', fourEyes],
  ['metric', metric],
  ['citations', citations],
  ['row_count', rowCount],
  ['completeness', completeness],
  ['freshness', freshness],
  ['schema', schema],
  ['disclosure', disclosure],
]);

export function proverKind(name: string): Prover | undefined {
  return KINDS.get(name);
}

/** The shape of a claim of this kind, or undefined for a kind that nobody knows. */
export function claimShape(name: string): Checker | undefined {
  return KINDS.get(name)?.claim;
}
