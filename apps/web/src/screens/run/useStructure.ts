/** Which steps there are and what they need: the same object for as long as that is the same, whatever happens to them. */

import { useState } from 'react';

import type { StepStatus } from '../../api/types.ts';
import type { GraphNode } from '../../graph/layout.ts';

export function useStructure(steps: readonly StepStatus[]): readonly GraphNode[] {
  const [kept, keep] = useState(() => structureOf(steps));
  if (isOf(kept, steps)) return kept;
  const made = structureOf(steps);
  keep(made);
  return made;
}

function structureOf(steps: readonly StepStatus[]): readonly GraphNode[] {
  return steps.map((step) => ({ id: step.stepId, needs: step.dependsOn }));
}

/** A plan never changes, but older services do not tell what a step needs. */
function isOf(kept: readonly GraphNode[], steps: readonly StepStatus[]): boolean {
  return (
    kept.length === steps.length &&
    steps.every((step, at) => {
      const node = kept[at];
      return node?.id === step.stepId && node.needs.length === (step.dependsOn?.length ?? 0);
    })
  );
}
