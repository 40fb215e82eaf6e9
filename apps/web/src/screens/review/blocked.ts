/** What waits behind a step that is held, and what an approval would set going. Pure. */

import type { ReviewTicket, StepStatus } from '../../api/types.ts';
import { isDenial } from './words.ts';

export type Node = Pick<StepStatus, 'stepId' | 'type' | 'dependsOn'>;

/** The steps that depend on it, directly or not, in the order given. */
export function downstream(nodes: readonly Node[], stepId: string): readonly Node[] {
  const above = new Set([stepId]);
  let before = 0;
  while (above.size > before) {
    before = above.size;
    for (const node of nodes) if (node.dependsOn.some((name) => above.has(name))) above.add(node.stepId);
  }
  return nodes.filter((node) => node.stepId !== stepId && above.has(node.stepId));
}

const EFFECTS: Readonly<Record<string, string>> = {
  mutation: 'changes the graph',
  external_api: 'asks a service outside',
  export: 'writes files',
  notify: 'sends messages',
  runbook: 'starts another runbook',
  approval: 'asks people',
};

/** What a step does to the world outside of this record; null for one that only computes. */
export function effectOf(type: string): string | null {
  return EFFECTS[type] ?? null;
}

/** What comes after an approval, for the dialog and the page. */
export function afterApproval(review: ReviewTicket, type: string | undefined, waiting: number): string {
  const { failedStep: step } = review;
  const rest =
    waiting === 0 ? '' : ` Then ${waiting === 1 ? '1 step goes' : `${String(waiting)} steps go`} on.`;
  if (!isDenial(review)) return `${step} runs now.${rest}`;
  const ending = ' The run ends as “done by override”, and its proof keeps saying that the prover denied.';
  if (review.requirement === 'denial/preconditions')
    return `${step} is prepared again, and runs unless something new denies.${rest}${ending}`;
  return type === 'mutation'
    ? `The change of ${step}, which was rolled back, is made again and committed.${rest}${ending}`
    : `What ${step} gave stands.${rest}${ending}`;
}
