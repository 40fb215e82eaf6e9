/** The shapes of the claims that combine others (spec/provers.md, 14). */

import { distinct, identifier, integer, type Checker } from '../shape/shapes.ts';
import { claimOf } from './prover.ts';

const provers = distinct(identifier);

export const COMBINATION_SHAPES: ReadonlyMap<string, Checker> = new Map([
  ['all', claimOf({ provers })],
  ['any', claimOf({ provers })],
  ['at_least', claimOf({ provers, minimum: integer(1) })],
]);
