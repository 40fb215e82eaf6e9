import { lazy, Suspense, type ReactElement } from 'react';

import type { ExecutionStatus } from '../../api/types.ts';
import type { GraphNode } from '../../graph/layout.ts';
import { useAction } from '../../keys/useAction.ts';
import { VIEWS } from '../../search.ts';
import { Skeleton } from '../../ui/States.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { LogPanel } from './log/LogPanel.tsx';
import type { RowShown } from './rows.ts';
import styles from './RunViews.module.css';
import { StepList } from './StepList.tsx';
import { Timeline } from './Timeline.tsx';
import { useRunAddress } from './useRunAddress.ts';

// Half as large as the rest of the console.
const RunGraph = lazy(async () => ({ default: (await import('../../graph/RunGraph.tsx')).RunGraph }));

interface Props {
  readonly status: ExecutionStatus;
  readonly structure: readonly GraphNode[];
  readonly rows: readonly RowShown[];
  readonly selected: string | undefined;
  readonly onSelect: (stepId: string) => void;
  readonly onToggle: (family: string, open: boolean) => void;
}

const LABELS = { graph: 'Graph', timeline: 'Timeline', list: 'List', log: 'Log' } as const;

/** The same run shown in four ways; which one stands in the address. */
export function RunViews({ status, structure, rows, selected, onSelect, onToggle }: Props): ReactElement {
  const { search, change } = useRunAddress();
  // The timeline is there at once; the graph's library comes when somebody looks at the graph.
  const view = search.view ?? 'timeline';
  const show = (name: (typeof VIEWS)[number]): void =>
    change({ view: name === 'timeline' ? undefined : name });
  const section = 'This page';
  useAction({ id: 'view-graph', label: 'Graph', section, keys: '1', perform: () => show('graph') });
  useAction({ id: 'view-timeline', label: 'Timeline', section, keys: '2', perform: () => show('timeline') });
  useAction({ id: 'view-list', label: 'List', section, keys: '3', perform: () => show('list') });
  useAction({ id: 'view-log', label: 'Log', section, keys: '4', perform: () => show('log') });
  const tabs = VIEWS.map((name, index) => ({
    id: name,
    label: (
      <span className={styles.label}>
        {LABELS[name]}
        <kbd aria-hidden="true">{index + 1}</kbd>
      </span>
    ),
  }));
  return (
    <section className={styles.views} aria-label="Views of the run">
      <Tabs label="View" tabs={tabs} selected={view} onSelect={show}>
        {view === 'graph' ? (
          <Suspense fallback={<Skeleton rows={8} />}>
            <RunGraph steps={status.steps} structure={structure} selected={selected} onSelect={onSelect} />
          </Suspense>
        ) : null}
        {view === 'timeline' ? (
          <Timeline status={status} rows={rows} selected={selected} onSelect={onSelect} onToggle={onToggle} />
        ) : null}
        {view === 'list' ? <StepList status={status} selected={selected} onSelect={onSelect} /> : null}
        {view === 'log' ? <LogPanel status={status} /> : null}
      </Tabs>
    </section>
  );
}
