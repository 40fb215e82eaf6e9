/** What is shown of a run stands in its address: which step, which view, which tab, and whether only failures. */

import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

import type { ExecutionSearch } from '../../search.ts';

const ROUTE = '/shell/executions/$executionId';

export interface RunAddress {
  readonly search: ExecutionSearch;
  /** Undefined takes a member out. Steps of the browser's history are not made of it. */
  readonly change: (members: { [K in keyof ExecutionSearch]?: ExecutionSearch[K] | undefined }) => void;
}

export function useRunAddress(): RunAddress {
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate();
  return useMemo(
    () => ({
      search,
      change: (members) => {
        const next = { ...search, ...members };
        const kept = Object.entries(next).filter(([, value]) => value !== undefined);
        void navigate({
          to: '.',
          search: Object.fromEntries(kept) as ExecutionSearch,
          replace: true,
          resetScroll: false,
        });
      },
    }),
    [search, navigate],
  );
}
