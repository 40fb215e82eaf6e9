/** How much a statement may do here, so that every one ends. */

import { UnavailableError } from '../values.ts';
import type { Bound } from './bound.ts';

const MOST = 20_000_000;
const MOST_MS = 5_000;

export class Work {
  private left = MOST;
  private checkAt = MOST;
  private readonly until = performance.now() + MOST_MS;

  /** Count rows, comparisons or characters; throws UnavailableError when they were too many. */
  spend(count: number): void {
    this.left -= count;
    if (this.left > this.checkAt) return;
    if (this.left < 0) throw new UnavailableError('the statement does too much to be run here');
    if (performance.now() > this.until) throw new UnavailableError('the statement takes too long here');
    this.checkAt = this.left - MOST / 1_000;
  }

  /** Count that these run over so many rows. */
  run(bounds: readonly Bound[], rows: number): void {
    this.spend(bounds.reduce((sum, { cost }) => sum + cost, 1) * rows);
  }
}
