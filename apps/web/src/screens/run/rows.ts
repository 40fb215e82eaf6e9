/** The rows of the tree of steps: families closed with their counts, those with a failure open. Pure. */

import type { StepStatus } from '../../api/types.ts';
import { isTrouble, tallyOf, type Tally } from '../../graph/tally.ts';

export interface StepRowShown {
  readonly kind: 'step';
  readonly id: string;
  readonly step: StepStatus;
  readonly level: 1 | 2;
}

export interface FamilyRowShown {
  readonly kind: 'family';
  readonly id: string;
  readonly name: string;
  readonly open: boolean;
  readonly members: readonly string[];
  readonly tally: Tally;
}

export type RowShown = StepRowShown | FamilyRowShown;

/** `toggled` says which families a person has opened or closed; the others open when something in them is wrong. */
export function rowsOf(
  steps: readonly StepStatus[],
  families: ReadonlyMap<string, string>,
  toggled: ReadonlyMap<string, boolean>,
  onlyTrouble: boolean,
): readonly RowShown[] {
  const shown = onlyTrouble ? steps.filter(isTrouble) : steps;
  const members = new Map<string, StepStatus[]>();
  for (const step of shown) {
    const name = families.get(step.stepId);
    if (name === undefined) continue;
    const found = members.get(name);
    if (found) found.push(step);
    else members.set(name, [step]);
  }
  return shown.flatMap((step): RowShown[] => {
    const name = families.get(step.stepId);
    if (name === undefined) return [{ kind: 'step', id: step.stepId, step, level: 1 }];
    const inside = members.get(name) ?? [];
    return inside[0] === step ? family(name, inside, toggled) : [];
  });
}

function family(
  name: string,
  inside: readonly StepStatus[],
  toggled: ReadonlyMap<string, boolean>,
): RowShown[] {
  const tally = tallyOf(inside);
  const open = toggled.get(name) ?? inside.some(isTrouble);
  const head: RowShown = {
    kind: 'family',
    id: familyId(name),
    name,
    open,
    members: inside.map((step) => step.stepId),
    tally,
  };
  if (!open) return [head];
  return [head, ...inside.map((step): RowShown => ({ kind: 'step', id: step.stepId, step, level: 2 }))];
}

/** No step can have this name: theirs begin with a letter or a digit. */
export function familyId(name: string): string {
  return `/${name}`;
}

/** The next step in trouble behind `from`, in this direction and round the end; null when there is none. */
export function nextTrouble(
  steps: readonly StepStatus[],
  from: string | undefined,
  direction: 1 | -1,
): string | null {
  const at = steps.findIndex((step) => step.stepId === from);
  const count = steps.length;
  const start = at < 0 ? (direction === 1 ? -1 : count) : at;
  for (let turn = 1; turn <= count; turn++) {
    const step = steps[(((start + turn * direction) % count) + count) % count];
    if (step && isTrouble(step)) return step.stepId;
  }
  return null;
}
