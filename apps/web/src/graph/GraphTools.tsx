import { useReactFlow } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import type { ReactElement } from 'react';

import { useAction } from '../keys/useAction.ts';
import { Button } from '../ui/Button.tsx';
import styles from './RunGraph.module.css';

interface Props {
  /** What is put together, in words; empty when nothing is. */
  readonly summary: string;
  /** Puts groups together again that a person has opened. */
  readonly onClose?: (() => void) | undefined;
}

/** Nearer, farther, all of it: by buttons and by keys. */
export function GraphTools({ summary, onClose }: Props): ReactElement {
  const flow = useReactFlow();
  const all = (): void => void flow.fitView({ padding: 0.1, maxZoom: 1 });
  const section = 'This page';
  useAction({ id: 'zoom-in', label: 'Zoom in', section, keys: '+', perform: () => void flow.zoomIn() });
  useAction({ id: 'zoom-out', label: 'Zoom out', section, keys: '-', perform: () => void flow.zoomOut() });
  useAction({ id: 'zoom-all', label: 'Show all of the graph', section, keys: '0', perform: all });
  return (
    <div className={styles.tools}>
      <span className={styles.summary}>{summary}</span>
      {onClose ? (
        <Button kind="quiet" className={styles.tool} onClick={onClose}>
          Close groups
        </Button>
      ) : null}
      <Button
        className={styles.tool}
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick={() => void flow.zoomIn()}
      >
        <Plus size={14} aria-hidden="true" />
      </Button>
      <Button
        className={styles.tool}
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick={() => void flow.zoomOut()}
      >
        <Minus size={14} aria-hidden="true" />
      </Button>
      <Button className={styles.tool} aria-label="Show all of it" title="Show all of it (0)" onClick={all}>
        <Maximize size={14} aria-hidden="true" />
      </Button>
    </div>
  );
}
