import { ReactFlow, ReactFlowProvider, type ReactFlowInstance } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo, useRef, useState, type ReactElement } from 'react';

import type { StepStatus } from '../api/types.ts';
import { isTrouble, tallyOf, tallyText } from './tally.ts';
import { condense } from './condense.ts';
import { edgesOf, firstSight, heightOf, nodesOf, placed, viewportOf, type Placed } from './flow.ts';
import { FlowNode, type FlowNodeData } from './FlowNode.tsx';
import { GraphTools } from './GraphTools.tsx';
import type { GraphNode } from './layout.ts';
import { related } from './related.ts';
import styles from './RunGraph.module.css';

interface Props {
  readonly steps: readonly StepStatus[];
  readonly structure: readonly GraphNode[];
  readonly selected: string | undefined;
  readonly onSelect: (stepId: string) => void;
  /** How many nodes are drawn before steps are put together; see docs/adr. */
  readonly most?: number;
}

const MOST = 300;
const TYPES = { step: FlowNode };
const EDGE_CLASSES = { lit: styles.litEdge ?? '', dim: styles.dimEdge ?? '' };

/** The run as a graph: a picture for those who see it. What it shows and chooses, the tree beside it does too. */
export function RunGraph({ steps, structure, selected, onSelect, most = MOST }: Props): ReactElement {
  const [opened, setOpened] = useState<readonly string[]>([]);
  const [pointed, setPointed] = useState<string | null>(null);
  const nodes = usePlaced(steps, structure, opened, most);
  const byId = useMemo(() => new Map(steps.map((step) => [step.stepId, step])), [steps]);
  const canvas = useRef<HTMLDivElement>(null);
  const centre = pointed ?? (selected === undefined ? null : drawnAs(nodes, selected));
  const lit = useMemo(() => (centre === null ? null : related(nodes, centre)), [nodes, centre]);
  // What is pointed at puts the rest back; what is only chosen does not.
  const bright = pointed === null ? null : lit;
  const shown = useMemo(() => nodesOf(nodes, byId, selected, bright), [nodes, byId, selected, bright]);
  const edges = useMemo(() => edgesOf(nodes, lit, EDGE_CLASSES), [nodes, lit]);
  const click = (node: FlowNodeData): void => {
    const found = nodes.find((one) => one.id === node.id);
    if (found && found.name !== null) setOpened((before) => [...before, ...found.members]);
    else onSelect(node.id);
  };
  const look = (flow: ReactFlowInstance<FlowNodeData>): void => {
    const room = canvas.current;
    const first = selected === undefined ? firstSight(shown)?.id : centre;
    const focus = nodes.find((node) => node.id === first);
    if (room) {
      const size = { width: room.clientWidth, height: room.clientHeight };
      void flow.setViewport(viewportOf(nodes, focus, size));
    }
  };
  const isCondensed = nodes.length < steps.length;
  return (
    <ReactFlowProvider>
      <GraphTools
        summary={isCondensed ? `${String(steps.length)} steps as ${String(nodes.length)} nodes` : ''}
        onClose={opened.length ? () => setOpened([]) : undefined}
      />
      <div
        role="img"
        aria-label={`Graph of the run. ${tallyText(tallyOf(steps))}. The tree of steps has all of them.`}
        className={styles.canvas}
        ref={canvas}
        style={{ height: heightOf(nodes) }}
      >
        <ReactFlow<FlowNodeData>
          nodes={shown}
          edges={edges}
          nodeTypes={TYPES}
          onInit={look}
          onNodeClick={(_, node) => click(node)}
          onNodeMouseEnter={(_, node) => setPointed(node.id)}
          onNodeMouseLeave={() => setPointed(null)}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          onlyRenderVisibleElements
          minZoom={0.05}
          maxZoom={1.6}
          // The wheel belongs to the page, unless Control or Command is held.
          zoomOnScroll={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
          proOptions={{ hideAttribution: true }}
        />
      </div>
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
  const key = trouble.join('\n');
  return useMemo(
    () => placed(condense(structure, most, new Set([...(key ? key.split('\n') : []), ...opened]))),
    [structure, most, key, opened],
  );
}

function drawnAs(nodes: readonly Placed[], stepId: string): string | null {
  return nodes.find((node) => node.members.includes(stepId))?.id ?? null;
}
