import { ReactFlowProvider, type ReactFlowInstance } from '@xyflow/react';
import { useDeferredValue, useMemo, useRef, useState, type ReactElement } from 'react';

import type { StepStatus } from '../api/types.ts';
import { condense } from './condense.ts';
import { edgesOf, firstSight, heightOf, nodesOf, placed, shownOf, viewportOf, type Placed } from './flow.ts';
import { EdgePins } from './EdgePins.tsx';
import { FlowCanvas } from './FlowCanvas.tsx';
import { Standing, type FlowNodeData } from './FlowNode.tsx';
import { GraphTools } from './GraphTools.tsx';
import type { GraphNode } from './layout.ts';
import { related } from './related.ts';
import { Overview } from './Overview.tsx';
import styles from './RunGraph.module.css';
import { isTrouble, tallyOf, tallyText } from './tally.ts';
import { useSame } from './useSame.ts';

interface Props {
  readonly steps: readonly StepStatus[];
  readonly structure: readonly GraphNode[];
  readonly selected: string | undefined;
  readonly onSelect: (stepId: string) => void;
  /** How many nodes are drawn before steps are put together; see docs/adr. */
  readonly most?: number;
}

const MOST = 300;
const EDGE_CLASSES = { lit: styles.litEdge ?? '', dim: styles.dimEdge ?? '' };

/** The run as a graph: a picture for those who see it. What it shows and chooses, the tree beside it does too. */
export function RunGraph({ steps: newest, structure, selected, onSelect, most = MOST }: Props): ReactElement {
  // Keys and the tree go first: the picture follows when there is time.
  const steps = useDeferredValue(newest);
  const [opened, setOpened] = useState<readonly string[]>([]);
  const [pointed, setPointed] = useState<string | null>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const placing = usePlaced(steps, structure, opened, most);
  const centre = pointed ?? (selected === undefined ? null : drawnAs(placing, selected));
  const lit = useMemo(() => (centre === null ? null : related(placing, centre)), [placing, centre]);
  // What is pointed at puts the rest back; what is only chosen does not.
  const bright = pointed === null ? null : lit;
  const standing = useMemo(
    () => shownOf(placing, steps, selected, bright),
    [placing, steps, selected, bright],
  );
  const nodes = useMemo(() => nodesOf(placing), [placing]);
  const edges = useMemo(() => edgesOf(placing, lit, EDGE_CLASSES), [placing, lit]);
  const click = useSame((id: string) => {
    const found = placing.find((one) => one.id === id);
    if (found && found.name !== null) setOpened((before) => [...before, ...found.members]);
    else onSelect(id);
  });
  const look = useSame((flow: ReactFlowInstance<FlowNodeData>) => {
    const room = canvas.current;
    if (!room) return;
    const first = selected === undefined ? firstSight(placing, standing) : centre;
    const size = { width: room.clientWidth, height: room.clientHeight };
    const focus = placing.find((node) => node.id === first);
    void flow.setViewport(viewportOf(placing, focus, size));
  });
  const overview = useMemo(() => <Overview nodes={placing} />, [placing]);
  const isCondensed = placing.length < steps.length;
  return (
    <ReactFlowProvider>
      <GraphTools
        summary={isCondensed ? `${String(steps.length)} steps as ${String(placing.length)} nodes` : ''}
        onClose={opened.length ? () => setOpened([]) : undefined}
      />
      <div className={styles.room}>
        <div
          role="img"
          aria-label={`Graph of the run. ${tallyText(tallyOf(steps))}. The tree of steps has all of them.`}
          className={styles.canvas}
          ref={canvas}
          style={{ height: heightOf(placing) }}
        >
          <Standing value={standing}>
            <FlowCanvas nodes={nodes} edges={edges} onInit={look} onClick={click} onPoint={setPointed}>
              {overview}
            </FlowCanvas>
          </Standing>
        </div>
        <EdgePins nodes={placing} shown={standing} onSelect={onSelect} />
      </div>
      <p className={styles.credit}>
        Drawn by{' '}
        <a href="https://reactflow.dev" rel="noreferrer" target="_blank">
          React Flow
        </a>
      </p>
    </ReactFlowProvider>
  );
}

/** The nodes where they go; worked out again only when there are others, or when others stand by themselves. */
function usePlaced(
  steps: readonly StepStatus[],
  structure: readonly GraphNode[],
  opened: readonly string[],
  most: number,
): readonly Placed[] {
  const trouble = steps.filter(isTrouble).map((step) => step.stepId);
  // Those in trouble matter only to a graph that is put together: another is laid out once.
  const key = structure.length > most ? trouble.join('\n') : '';
  return useMemo(
    () => placed(condense(structure, most, new Set([...(key ? key.split('\n') : []), ...opened]))),
    [structure, most, key, opened],
  );
}

function drawnAs(nodes: readonly Placed[], stepId: string): string | null {
  return nodes.find((node) => node.members.includes(stepId))?.id ?? null;
}
