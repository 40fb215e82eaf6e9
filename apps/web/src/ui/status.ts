/** The words and shapes of where something stands. No colour says anything alone. Pure. */

import type { Outcome, StepOutcome, StepState } from '../api/types.ts';

export type Tone = 'calm' | 'busy' | 'good' | 'bad' | 'warn' | 'over';

export interface Look {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
}

const EXECUTIONS: Readonly<Record<Outcome, Look>> = {
  running: { glyph: '▶', word: 'running', tone: 'busy' },
  held: { glyph: '‖', word: 'waiting for a person', tone: 'warn' },
  waiting: { glyph: '‖', word: 'waiting for a person', tone: 'warn' },
  paused: { glyph: '‖', word: 'paused', tone: 'warn' },
  completed: { glyph: '✓', word: 'done', tone: 'good' },
  // What people let through must never look like what was proved.
  overridden: { glyph: '✓◇', word: 'done by override', tone: 'over' },
  blocked: { glyph: '⊘', word: 'blocked', tone: 'bad' },
  failed: { glyph: '✕', word: 'failed', tone: 'bad' },
  cancelled: { glyph: '■', word: 'cancelled', tone: 'calm' },
};

const STEPS: Readonly<Record<Exclude<StepState, 'settled' | 'sealed'>, Look>> = {
  waiting: { glyph: '○', word: 'pending', tone: 'calm' },
  awaiting: { glyph: '‖', word: 'waiting for a person', tone: 'warn' },
  asking: { glyph: '◔', word: 'asking provers', tone: 'busy' },
  prepared: { glyph: '◔', word: 'queued', tone: 'calm' },
  computing: { glyph: '▶', word: 'running', tone: 'busy' },
  acting: { glyph: '▶', word: 'running', tone: 'busy' },
  backoff: { glyph: '↻', word: 'retrying', tone: 'warn' },
  held: { glyph: '‖', word: 'held by a prover', tone: 'warn' },
};

const STEP_OUTCOMES: Readonly<Record<StepOutcome, Look>> = {
  done: { glyph: '✓', word: 'done', tone: 'good' },
  overridden: { glyph: '✓◇', word: 'done by override', tone: 'over' },
  skipped: { glyph: '↷', word: 'skipped', tone: 'calm' },
  failed: { glyph: '✕', word: 'failed', tone: 'bad' },
  blocked: { glyph: '⊘', word: 'blocked', tone: 'bad' },
  'not-run': { glyph: '■', word: 'not run', tone: 'calm' },
};

export function executionLook(outcome: string): Look {
  return found(EXECUTIONS, outcome);
}

/** By its outcome where it has one, else by its state. */
export function stepLook(step: { readonly state: string; readonly outcome: string | null }): Look {
  return step.outcome === null ? found(STEPS, step.state) : found(STEP_OUTCOMES, step.outcome);
}

function found(looks: Readonly<Record<string, Look>>, name: string): Look {
  return looks[name] ?? { glyph: '·', word: name, tone: 'calm' };
}
