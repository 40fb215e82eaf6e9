/** The rows of the tree, and which families a person has opened or closed. */

import { useCallback, useMemo, useState } from 'react';

import type { StepStatus } from '../../api/types.ts';
import { rowsOf, type RowShown } from './rows.ts';

export interface Rows {
  readonly shown: readonly RowShown[];
  readonly toggle: (family: string, open: boolean) => void;
}

export function useRows(
  steps: readonly StepStatus[],
  families: ReadonlyMap<string, string>,
  onlyTrouble: boolean,
): Rows {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const shown = useMemo(
    () => rowsOf(steps, families, toggled, onlyTrouble),
    [steps, families, toggled, onlyTrouble],
  );
  const toggle = useCallback((family: string, open: boolean) => {
    setToggled((before) => (before.get(family) === open ? before : new Map(before).set(family, open)));
  }, []);
  return { shown, toggle };
}
