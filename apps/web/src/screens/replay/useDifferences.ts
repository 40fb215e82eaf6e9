/** Which steps are shown and which one is looked at: all of it stands in the address. */

import { useNavigate, useSearch } from '@tanstack/react-router';

import type { ReplayStep } from '../../api/types.ts';
import { useAction } from '../../keys/useAction.ts';
import { nextDifference } from './verdict.ts';

interface Shown {
  readonly steps: readonly ReplayStep[];
  readonly selected: ReplayStep | undefined;
  readonly onlyDifferences: boolean;
  readonly choose: (stepId: string) => void;
  readonly showAll: (all: boolean) => void;
}

export function useDifferences(steps: readonly ReplayStep[]): Shown {
  const search = useSearch({ from: '/shell/executions/$executionId/replay' });
  const navigate = useNavigate({ from: '/executions/$executionId/replay' });
  const differing = steps.filter((step) => step.mark !== 'equal');
  const first = steps.find((step) => step.role === 'cause') ?? differing[0] ?? steps[0];
  const selected = steps.find((step) => step.stepId === search.step) ?? first;
  // With nothing that differs there is nothing to leave out.
  const onlyDifferences = search.all !== true && differing.length > 0;
  const choose = (stepId: string): void =>
    void navigate({ search: (old) => ({ ...old, step: stepId }), replace: true });
  const next = nextDifference(steps, selected?.stepId);
  useAction({
    id: 'replay-next',
    label: 'Next difference',
    section: 'This page',
    keys: ']',
    ...(next === null ? { disabled: 'Nothing differs.' } : {}),
    perform: () => {
      if (next !== null) choose(next);
    },
  });
  return {
    steps: onlyDifferences ? differing : steps,
    selected,
    onlyDifferences,
    choose,
    showAll: (all) =>
      void navigate({
        search: ({ step }) => ({ ...(step ? { step } : {}), ...(all ? { all: true as const } : {}) }),
        replace: true,
      }),
  };
}
