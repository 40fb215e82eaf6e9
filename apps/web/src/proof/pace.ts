/** Progress, cancelling, and letting others have the thread: a check that takes long calls `step` as it goes. */

import type { CheckName } from './report.ts';

const SLICE_MS = 40;

/** Which check runs, and how many of its `total` parts are done. */
export interface Progress {
  readonly check: CheckName;
  readonly done: number;
  readonly total: number;
}

export class Pace {
  private check: CheckName = 'read';
  private done = 0;
  private breathed = performance.now();
  private readonly onProgress: ((progress: Progress) => void) | undefined;
  private readonly signal: AbortSignal | undefined;

  constructor(onProgress?: (progress: Progress) => void, signal?: AbortSignal) {
    this.onProgress = onProgress;
    this.signal = signal;
  }

  /** Say that a check begins; throws the signal's reason when the caller gave up. */
  begin(check: CheckName): void {
    this.signal?.throwIfAborted();
    this.check = check;
    this.done = 0;
    this.onProgress?.({ check, done: 0, total: 0 });
  }

  /** Count parts of `total`, and let go of the thread now and then so that a cancel can arrive. */
  async step(total: number, parts = 1): Promise<void> {
    this.done += parts;
    if (performance.now() - this.breathed < SLICE_MS) return;
    this.onProgress?.({ check: this.check, done: this.done, total });
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.breathed = performance.now();
    this.signal?.throwIfAborted();
  }
}
