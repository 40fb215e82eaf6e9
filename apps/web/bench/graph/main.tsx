/** The graph of `?steps=` steps, none put together, `?updates=` of them changing in each frame: see ../frames.py. */

import { StrictMode, useEffect, useMemo, useState, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';

import type { StepStatus } from '../../src/api/types.ts';
import { RunGraph } from '../../src/graph/RunGraph.tsx';
import '../../src/styles/base.css';
import '../../src/styles/tokens.css';

const asked = new URLSearchParams(location.search);
const COUNT = Number(asked.get('steps') ?? 300);
const UPDATES = Number(asked.get('updates') ?? 0);
const LAYER = 20;

/** Layers of twenty; each step needs one or two of the layer before. */
const STEPS: readonly StepStatus[] = Array.from({ length: COUNT }, (_, at) => ({
  stepId: `step-x${String(at)}`,
  type: 'transform',
  description: '',
  state: 'sealed',
  outcome: 'done',
  startedAt: null,
  endedAt: null,
  attempts: 0,
  error: null,
  blockedBy: null,
  reviews: [],
  items: null,
  children: [],
  dependsOn:
    at < LAYER
      ? []
      : [...new Set([at - LAYER, at - LAYER - ((at * 7) % LAYER) + (at % LAYER)])].map(
          (need) => `step-x${String(Math.max(0, need))}`,
        ),
}));

function Bench(): ReactElement {
  const [steps, setSteps] = useState(STEPS);
  const structure = useMemo(() => STEPS.map((step) => ({ id: step.stepId, needs: step.dependsOn })), []);
  useEffect(() => {
    if (!UPDATES) return;
    let turn = 0;
    let frame = requestAnimationFrame(function next() {
      turn += UPDATES;
      const changed = new Set(Array.from({ length: UPDATES }, (_, at) => (turn + at) % COUNT));
      const flip = (step: StepStatus): StepStatus =>
        step.outcome
          ? { ...step, state: 'computing', outcome: null }
          : { ...step, state: 'sealed', outcome: 'done' };
      setSteps((before) => before.map((step, at) => (changed.has(at) ? flip(step) : step)));
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <RunGraph
      steps={steps}
      structure={structure}
      selected={undefined}
      onSelect={() => undefined}
      most={COUNT}
    />
  );
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Bench />
    </StrictMode>,
  );
}
