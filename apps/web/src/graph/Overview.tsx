import { MiniMap, useStore } from '@xyflow/react';
import { useContext, type ReactElement } from 'react';

import { classes } from '../ui/classes.ts';
import { extentOf, type Placed } from './flow.ts';
import { Standing } from './FlowNode.tsx';
import styles from './RunGraph.module.css';

const WIDTH = 132;
const HEIGHTS = { least: 30, most: 76 };

/** All of the graph in a corner, while some of it is out of sight: where one is, and where it went wrong. */
export function Overview({ nodes }: { readonly nodes: readonly Placed[] }): ReactElement | null {
  const shown = useContext(Standing);
  const { width, height } = extentOf(nodes);
  const isWhole = useStore(({ transform: [x, y, zoom], width: roomWidth, height: roomHeight }) => {
    return x >= 0 && y >= 0 && x + width * zoom <= roomWidth && y + height * zoom <= roomHeight;
  });
  if (isWhole) return null;
  return (
    <MiniMap
      className={styles.overview ?? ''}
      style={{ width: WIDTH, height: heightOf(width, height) }}
      ariaLabel="Overview of the graph"
      pannable
      position="bottom-right"
      bgColor="var(--surface)"
      maskColor="color-mix(in srgb, var(--sunken) 70%, transparent)"
      maskStrokeColor="var(--accent)"
      maskStrokeWidth={2}
      nodeBorderRadius={8}
      nodeClassName={(node) => classes(styles.spot, styles[shown.get(node.id)?.look.tone ?? 'calm'])}
    />
  );
}

/** As high as the graph is wide and high, within bounds: it lies over the drawing. */
function heightOf(width: number, height: number): number {
  return Math.min(Math.max((WIDTH * height) / width, HEIGHTS.least), HEIGHTS.most);
}
