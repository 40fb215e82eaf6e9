/** How steps stand, counted. Pure. */

import type { StepStatus } from '../api/types.ts';
import { stepLook, type Look } from '../ui/status.ts';

export interface Tally {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly held: number;
  readonly running: number;
  readonly ended: number;
}

type Standing = Pick<StepStatus, 'state' | 'outcome'>;

/** What a person has to look at: it failed, was blocked, or waits for a decision about it. */
export function isTrouble(step: Standing): boolean {
  return stepLook(step).tone === 'bad' || isHeld(step);
}

export function isHeld(step: Standing): boolean {
  return step.outcome === null && (step.state === 'held' || step.state === 'awaiting');
}

export function tallyOf(steps: readonly Standing[]): Tally {
  const count = (holds: (step: Standing) => boolean): number =>
    steps.reduce((sum, step) => sum + Number(holds(step)), 0);
  return {
    total: steps.length,
    done: count((step) => step.outcome === 'done' || step.outcome === 'overridden'),
    failed: count((step) => stepLook(step).tone === 'bad'),
    held: count(isHeld),
    running: count((step) => step.outcome === null && stepLook(step).tone === 'busy'),
    ended: count((step) => step.outcome !== null),
  };
}

/** `240: 238 done, 2 failed`. */
export function tallyText(tally: Tally): string {
  const parts = [
    tally.done ? `${String(tally.done)} done` : '',
    tally.failed ? `${String(tally.failed)} failed` : '',
    tally.held ? `${String(tally.held)} held` : '',
    tally.running ? `${String(tally.running)} running` : '',
  ].filter(Boolean);
  return `${String(tally.total)}: ${parts.join(', ') || (tally.ended ? 'none ran' : 'pending')}`;
}

/** One look for many steps: the worst of them, and done only when all are. */
export function groupLook(tally: Tally): Look {
  if (tally.failed) return { glyph: '✕', word: 'failed', tone: 'bad' };
  if (tally.held) return { glyph: '‖', word: 'held', tone: 'warn' };
  if (tally.running) return { glyph: '▶', word: 'running', tone: 'busy' };
  if (tally.done === tally.total) return { glyph: '✓', word: 'done', tone: 'good' };
  if (tally.ended === tally.total) return { glyph: '↷', word: 'ended', tone: 'calm' };
  return tally.done
    ? { glyph: '▶', word: 'running', tone: 'busy' }
    : { glyph: '○', word: 'pending', tone: 'calm' };
}
