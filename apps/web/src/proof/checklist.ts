/** The checks that ran so far; what the profile does not ask for stays `not-checked` (spec/pcq-v1.md, 9). */

import type { Pace } from './pace.ts';
import {
  CHECKS,
  FAULT,
  PROFILES,
  type Check,
  type CheckName,
  type Finding,
  type Profile,
  type Status,
} from './report.ts';

type Find = () => Finding[] | Promise<Finding[]>;

export class Checklist {
  private readonly required: ReadonlySet<CheckName>;
  private readonly done = new Map<CheckName, Check>();
  private readonly pace: Pace;

  constructor(profile: Profile, pace: Pace) {
    this.required = PROFILES[profile];
    this.pace = pace;
  }

  /** True while nothing was found malformed or invalid. */
  get isSound(): boolean {
    const faults = [...this.done.values()].flatMap((check) => check.findings.map((item) => item.fault));
    return !faults.some((fault) => fault === FAULT.malformed || fault === FAULT.invalid);
  }

  begin(name: CheckName): void {
    this.pace.begin(name);
  }

  /** Run one check and keep what it found, unless it is `moot` (says why) or the profile lets it be. */
  async run(name: CheckName, find: Find, moot = ''): Promise<void> {
    if (moot) this.keep(name, 'not-applicable', [], moot);
    else if (!this.required.has(name)) this.skip(name, 'this profile does not ask for it');
    else {
      this.begin(name);
      this.record(name, await find());
    }
  }

  /** Keep what a check found: incomplete findings alone leave it `not-checked`. */
  record(name: CheckName, findings: readonly Finding[]): void {
    const isIncomplete = findings.every((item) => item.fault === FAULT.incomplete);
    const status = !findings.length ? 'pass' : isIncomplete ? 'not-checked' : 'fail';
    this.keep(name, status, findings, '');
  }

  /** Say why a check did not run. */
  skip(name: CheckName, note: string): void {
    this.keep(name, 'not-checked', [], note);
  }

  /** All checks in order; those that never ran have `note`. */
  finish(note: string): Check[] {
    for (const name of CHECKS) if (!this.done.has(name)) this.skip(name, note);
    return CHECKS.map((name) => this.done.get(name) as Check);
  }

  private keep(name: CheckName, status: Status, findings: readonly Finding[], note: string): void {
    this.done.set(name, { name, status, findings, note, required: this.required.has(name) });
  }
}
