import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';

import { classes } from '../ui/classes.ts';
import { StatusGlyph } from '../ui/StatusGlyph.tsx';
import type { Look } from '../ui/status.ts';
import styles from './RunGraph.module.css';

export type FlowNodeData = Node<
  {
    readonly look: Look;
    readonly label: string;
    readonly note: string;
    readonly isGroup: boolean;
    readonly isChosen: boolean;
    readonly isDim: boolean;
  },
  'step'
>;

/** One step, or one group of them: its shape, its name, its type or its counts. */
export const FlowNode = memo(function FlowNode({ data }: NodeProps<FlowNodeData>): ReactElement {
  return (
    <div
      className={classes(
        styles.node,
        styles[data.look.tone],
        data.isGroup && styles.group,
        data.isChosen && styles.chosen,
        data.isDim && styles.dim,
      )}
    >
      <Handle type="target" position={Position.Left} className={styles.handle} isConnectable={false} />
      <StatusGlyph look={data.look} />
      <span className={styles.words}>
        <span className={styles.label}>{data.label}</span>
        <span className={styles.note}>{data.note}</span>
      </span>
      <Handle type="source" position={Position.Right} className={styles.handle} isConnectable={false} />
    </div>
  );
});
