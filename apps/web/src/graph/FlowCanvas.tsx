import { ReactFlow, type Edge, type ReactFlowInstance } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { memo, type ReactElement, type ReactNode } from 'react';

import { FlowNode, type FlowNodeData } from './FlowNode.tsx';

interface Props {
  readonly nodes: FlowNodeData[];
  readonly edges: Edge[];
  readonly onInit: (flow: ReactFlowInstance<FlowNodeData>) => void;
  readonly onClick: (id: string) => void;
  readonly onPoint: (id: string | null) => void;
  /** What lies over the drawing. */
  readonly children: ReactNode;
}

const TYPES = { step: FlowNode };

/** The library, without what it can do and a run does not need. What it is given stays the same while steps change. */
export const FlowCanvas = memo(function FlowCanvas(props: Props): ReactElement {
  const { nodes, edges, onInit, onClick, onPoint, children } = props;
  return (
    <ReactFlow<FlowNodeData>
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      onInit={onInit}
      onNodeClick={(_, node) => onClick(node.id)}
      onNodeMouseEnter={(_, node) => onPoint(node.id)}
      onNodeMouseLeave={() => onPoint(null)}
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
      // The canvas is a picture, and a picture holds no link: its maker is named below it.
      proOptions={{ hideAttribution: true }}
    >
      {children}
    </ReactFlow>
  );
});
