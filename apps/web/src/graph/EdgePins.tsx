import { useReactFlow, useStore } from '@xyflow/react';
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from 'lucide-react';
import { useMemo, type ReactElement } from 'react';

import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { NODE, outOfSight, type NodeShown, type Placed, type Side } from './flow.ts';
import styles from './RunGraph.module.css';

const ARROWS = { left: ArrowLeft, right: ArrowRight, up: ArrowUp, down: ArrowDown } as const;
const WORDS = { left: 'to the left', right: 'to the right', up: 'above', down: 'below' } as const;

interface Props {
  readonly nodes: readonly Placed[];
  readonly shown: ReadonlyMap<string, NodeShown>;
  readonly onSelect: (stepId: string) => void;
}

/** What went wrong out of sight is told at the edge, and a click goes there. */
export function EdgePins({ nodes, shown, onSelect }: Props): ReactElement {
  const flow = useReactFlow();
  const [x, y, zoom] = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const troubled = useMemo(
    () => nodes.filter((node) => ['bad', 'warn'].includes(shown.get(node.id)?.look.tone ?? '')),
    [nodes, shown],
  );
  // Before it is measured nothing is known to be out of sight.
  const hidden = width ? outOfSight(troubled, { x, y, zoom }, { width, height }) : new Map<Side, Placed[]>();
  const goTo = (node: Placed): void => {
    void flow.setCenter(node.x + NODE.width / 2, node.y + NODE.height / 2, { zoom });
    const only = node.name === null ? node.members[0] : undefined;
    if (only !== undefined) onSelect(only);
  };
  return (
    <>
      {[...hidden].map(([side, found]) => {
        const Arrow = ARROWS[side];
        const next = nearest(found, side);
        return next ? (
          <Button key={side} className={classes(styles.pin, styles[side])} onClick={() => goTo(next)}>
            <Arrow size={13} aria-hidden="true" />
            {found.length} <span className="visually-hidden">in trouble</span> {WORDS[side]}
          </Button>
        ) : null;
      })}
    </>
  );
}

function nearest(found: readonly Placed[], side: Side): Placed | undefined {
  const by = {
    left: (node: Placed) => -node.x,
    right: (node: Placed) => node.x,
    up: (node: Placed) => -node.y,
    down: (node: Placed) => node.y,
  }[side];
  return [...found].sort((one, other) => by(one) - by(other))[0];
}
