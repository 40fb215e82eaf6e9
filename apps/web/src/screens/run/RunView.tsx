import { useMemo, useRef, type ReactElement } from 'react';

import type { ExecutionStatus } from '../../api/types.ts';
import { familiesOf } from '../../graph/families.ts';
import { useAction } from '../../keys/useAction.ts';
import { RunBanner } from './RunBanner.tsx';
import { nextTrouble } from './rows.ts';
import styles from './RunView.module.css';
import { RunViews } from './RunViews.tsx';
import { StepPanel } from './StepPanel.tsx';
import { StepsTree } from './StepsTree.tsx';
import { isTrouble } from '../../graph/tally.ts';
import { useAnnounced } from './useAnnounced.ts';
import { useRows } from './useRows.ts';
import { useRunAddress } from './useRunAddress.ts';
import { useStructure } from './useStructure.ts';

/** The steps at the left, the run as graph, timeline or list beside them, and the chosen step below. */
export function RunView({ status }: { readonly status: ExecutionStatus }): ReactElement {
  const { search, change } = useRunAddress();
  const panel = useRef<HTMLDivElement>(null);
  const structure = useStructure(status.steps);
  const families = useMemo(() => familiesOf(structure.map((step) => step.id)), [structure]);
  // What is wrong is shown until a person chooses something else.
  const selected = search.step ?? status.steps.find(isTrouble)?.stepId;
  const rows = useRows(status.steps, families, search.failed === true);
  const select = (stepId: string): void => {
    const family = families.get(stepId);
    if (family !== undefined) rows.toggle(family, true);
    if (stepId !== search.step) change({ step: stepId });
  };
  const go = (direction: 1 | -1): void => {
    const found = nextTrouble(status.steps, selected, direction);
    if (found !== null) select(found);
  };
  const none = status.steps.some(isTrouble) ? undefined : 'nothing has failed';
  const keys = { section: 'This page', disabled: none } as const;
  useAction({ ...keys, id: 'next-failure', label: 'Next failure', keys: ']', perform: () => go(1) });
  useAction({ ...keys, id: 'last-failure', label: 'Previous failure', keys: '[', perform: () => go(-1) });
  useAction({
    id: 'logs',
    label: selected === undefined ? 'Log of the run' : `Log of ${selected}`,
    section: 'This page',
    keys: 'l',
    perform: () => {
      if (selected === undefined) change({ view: 'log' });
      else {
        change({ tab: 'logs', step: selected });
        panel.current?.scrollIntoView({ block: 'nearest' });
      }
    },
  });
  const spoken = useAnnounced(status);
  return (
    <>
      <RunBanner
        status={status}
        onStep={(stepId) => {
          select(stepId);
          panel.current?.scrollIntoView({ block: 'nearest' });
        }}
      />
      <p role="status" className="visually-hidden">
        {spoken}
      </p>
      <div className={styles.run}>
        <StepsTree
          steps={status.steps}
          rows={rows.shown}
          selected={selected}
          onlyTrouble={search.failed === true}
          onOnlyTrouble={(only) => change({ failed: only ? true : undefined })}
          onSelect={select}
          onToggle={rows.toggle}
        />
        <div className={styles.side}>
          <RunViews
            status={status}
            structure={structure}
            rows={rows.shown}
            selected={selected}
            onSelect={select}
            onToggle={rows.toggle}
          />
          <div ref={panel}>
            <StepPanel status={status} stepId={selected} />
          </div>
        </div>
      </div>
    </>
  );
}
