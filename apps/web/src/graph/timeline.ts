/** When steps waited, ran and were tried again, as segments of a line. Times are milliseconds since 1970. Pure. */

import type { StepStatus } from '../api/types.ts';

export type Timed = Pick<StepStatus, 'stepId' | 'dependsOn' | 'startedAt' | 'endedAt' | 'outcome'>;

export interface Try {
  readonly startedAt: string;
  readonly endedAt?: string | null;
  readonly error?: unknown;
}

export interface Segment {
  readonly kind: 'queue' | 'run' | 'failed' | 'wait';
  readonly from: number;
  readonly to: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Of each step: from the end of what it needs to its start it queues, then it runs. With the attempts of a step each is
 * a segment, and what lies between them is a wait. A step that has not started has none.
 */
export function segmentsOf(
  steps: readonly Timed[],
  begun: number,
  now: number,
  attempts: ReadonlyMap<string, readonly Try[]> = new Map(),
): ReadonlyMap<string, readonly Segment[]> {
  const ends = new Map(steps.map((step) => [step.stepId, step.endedAt ? Date.parse(step.endedAt) : null]));
  return new Map(
    steps.map((step) => {
      if (!step.startedAt) return [step.stepId, []];
      const start = Date.parse(step.startedAt);
      const free = Math.max(begun, ...step.dependsOn.map((need) => ends.get(need) ?? begun));
      const tries = attempts.get(step.stepId) ?? [step as Try];
      const queue: Segment[] = free < start ? [{ kind: 'queue', from: free, to: start }] : [];
      return [step.stepId, [...queue, ...triesOf(tries, step, now)]];
    }),
  );
}

function triesOf(tries: readonly Try[], step: Timed, now: number): Segment[] {
  const failed = step.outcome === 'failed' || step.outcome === 'blocked';
  return tries.flatMap((one, index) => {
    const from = Date.parse(one.startedAt);
    const end = one.endedAt ?? step.endedAt;
    const to = Math.max(from, end ? Date.parse(end) : now);
    const isBad = Boolean(one.error) || (failed && index === tries.length - 1);
    const before = tries[index - 1]?.endedAt;
    const wait: Segment[] = before ? [{ kind: 'wait', from: Date.parse(before), to: from }] : [];
    return [...wait, { kind: isBad ? 'failed' : 'run', from, to } as const];
  });
}

/** From the first start to the last end of many: one segment, or none when none of them has run. */
export function together(all: readonly (readonly Segment[])[]): readonly Segment[] {
  const ran = all.flat().filter((segment) => segment.kind !== 'queue');
  const first = ran[0];
  if (!first) return [];
  return [
    ran.reduce<Segment>(
      (whole, one) => ({
        kind: whole.kind === 'failed' ? 'failed' : one.kind,
        from: Math.min(whole.from, one.from),
        to: Math.max(whole.to, one.to),
      }),
      first,
    ),
  ];
}

/** Seconds that a window is extended to, so that the scale of a running execution stays while it goes on. */
const LENGTHS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** What is shown: all of an ended execution, and of a running one up to the next length in the list. */
export function windowOf(begun: number, ended: number | null, now: number): Span {
  if (ended !== null) return { from: begun, to: Math.max(ended, begun + 1) };
  const length = Math.max(now - begun, 1) * 1.05;
  const whole = LENGTHS.map((seconds) => seconds * 1000).find((size) => size >= length);
  const days = Math.ceil(length / 86_400_000) * 86_400_000;
  return { from: begun, to: begun + (whole ?? days) };
}

export const LEAST_WIDTH = 6;

export interface Bar extends Span {
  readonly left: number;
  readonly width: number;
  readonly kind: Segment['kind'];
}

/** In pixels from the left; no bar is narrower than LEAST_WIDTH, and none reaches beyond `width`. */
export function barsOf(segments: readonly Segment[], shown: Span, width: number): readonly Bar[] {
  const scale = width / (shown.to - shown.from);
  return segments.map((segment) => {
    const size = Math.min(Math.max((segment.to - segment.from) * scale, LEAST_WIDTH), width);
    const left = Math.min(Math.max((segment.from - shown.from) * scale, 0), width - size);
    return { ...segment, left, width: size };
  });
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000].concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440].map((minutes) => minutes * 60_000),
);

/** Milliseconds behind the start of the window where the axis has a mark: round, and at least `apart` pixels apart. */
export function marksOf(shown: Span, width: number, apart = 90): readonly number[] {
  const length = shown.to - shown.from;
  const least = (length * apart) / Math.max(width, 1);
  const days = 86_400_000;
  const step = STEPS.find((size) => size >= least) ?? Math.ceil(least / days) * days;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}
