import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { createContext, memo, useContext, type ReactElement } from 'react';

import { classes } from '../ui/classes.ts';
import { StatusGlyph } from '../ui/StatusGlyph.tsx';
import type { NodeShown } from './flow.ts';
import styles from './RunGraph.module.css';

export type FlowNodeData = Node<Record<string, never>, 'step'>;

/**
 * How each node stands, by its id. It does not go through the nodes themselves: whenever one of those changes, the
 * library goes through all of them, and in a live run some step changes in every frame.
 */
export const Standing = createContext<ReadonlyMap<string, NodeShown>>(new Map());

/** One step, or one group of them: its shape, its name, its type or its counts. */
export function FlowNode({ id }: NodeProps<FlowNodeData>): ReactElement | null {
  const shown = useContext(Standing).get(id);
  return shown ? <Drawing {...shown} /> : null;
}

const Drawing = memo(function Drawing(props: NodeShown): ReactElement {
  const { look, label, note, isGroup, isChosen, isDim } = props;
  return (
    <div
      className={classes(
        styles.node,
        styles[look.tone],
        isGroup && styles.group,
        isChosen && styles.chosen,
        isDim && styles.dim,
      )}
    >
      <Handle type="target" position={Position.Left} className={styles.handle} isConnectable={false} />
      <StatusGlyph look={look} />
      <span className={styles.words}>
        <span className={styles.label}>{label}</span>
        <span className={styles.note}>{note}</span>
      </span>
      <Handle type="source" position={Position.Right} className={styles.handle} isConnectable={false} />
    </div>
  );
});
