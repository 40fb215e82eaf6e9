/** The kinds of step that a verifier looks into; of any other the outputs are evidence (spec/execution.md, 4). */

import { aggregate } from './aggregate.ts';
import { approval } from './approval.ts';
import { assertion } from './assertion.ts';
import { exportStep } from './export.ts';
import { externalApi } from './external-api.ts';
import type { StepKind } from './kind.ts';
import { notify } from './notify.ts';
import { report } from './report.ts';
import { runbook } from './runbook.ts';
import { score } from './score.ts';
import { transform } from './transform.ts';

const KINDS: ReadonlyMap<string, StepKind> = new Map([
  ['aggregate', aggregate],
  ['approval', approval],
  ['assertion', assertion],
  ['export', exportStep],
  ['external_api', externalApi],
  ['notify', notify],
  ['report', report],
  ['runbook', runbook],
  ['score', score],
  ['transform', transform],
]);

export function stepKind(name: string): StepKind | undefined {
  return KINDS.get(name);
}
