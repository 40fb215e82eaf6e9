/** What a human decision needs: how many, who, until when (spec/reviews.md, 1). The shapes and the defaults. */

import { WHITE_SPACE } from '../json/text.ts';
import type { JsonObject } from '../json/value.ts';
import { distinct, integer, oneOf, text, type Table } from '../shape/shapes.ts';

const people = distinct(text(1, 256));
const COMMON: Table = {
  quorum: integer(1, 100),
  dueSeconds: integer(1, 31_536_000),
  risk: oneOf('low', 'medium', 'high', 'critical'),
};

export const REVIEW: Table = { ...COMMON, assignedTo: people };
export const FOUR_EYES: Table = { ...REVIEW, exclude: people, groups: people };
export const APPROVAL_STEP: Table = { ...COMMON, assignees: people };

export interface Needs {
  readonly dueSeconds: number;
  readonly quorum: number;
  readonly risk: string;
  readonly assignedTo: readonly string[];
  readonly exclude: readonly string[];
  readonly groups: readonly string[];
}

/** The needs that members of a shape that was checked state; `dueSeconds` by default. */
export function readNeeds(members: JsonObject, dueSeconds: number): Needs {
  const names = (member: string): string[] => (members[member] ?? []) as string[];
  return {
    dueSeconds: (members['dueSeconds'] ?? dueSeconds) as number,
    quorum: (members['quorum'] ?? 1) as number,
    risk: (members['risk'] ?? 'medium') as string,
    assignedTo: names('assignedTo'),
    exclude: names('exclude'),
    groups: names('groups'),
  };
}

const SPACE = `[${WHITE_SPACE}]`;
const ENDS = new RegExp(`^${SPACE}+|${SPACE}+$`, 'gu');

/** The form in which two names of one person are equal (spec/reviews.md, 5). */
export function person(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(ENDS, '');
}
