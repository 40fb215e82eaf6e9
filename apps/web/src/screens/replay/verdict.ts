/** The verdict on a replay, reached again here: from the leaves of both sides, and from the recorded proof. Pure. */

import type { ReplayReport, ReplayStep } from '../../api/types.ts';
import { hex, unhex } from '../../proof/bytes.ts';
import { treeHash } from '../../proof/merkle.ts';

/** What a recorded proof says of itself. */
export interface Recorded {
  readonly merkleRoot: string;
  readonly steps: readonly { readonly stepId: string; readonly attestationHash: string }[];
}

export interface Verdict {
  readonly kind: 'identical' | 'different' | 'disagreement';
  readonly equal: number;
  readonly total: number;
  readonly causes: readonly string[];
  /** Where this browser comes to another result than the service. */
  readonly doubts: readonly string[];
}

export function verdictOn(report: ReplayReport, recorded: Recorded | null): Verdict {
  const { steps } = report;
  const doubts: string[] = [];
  const doubt = (holds: boolean, text: string): void => {
    if (!holds) doubts.push(text);
  };
  const isIdentical = steps.every((step) => step.hash === step.recordedHash);
  doubt(
    report.identical === (isIdentical && report.merkleRoot === report.recordedRoot),
    'the service’s verdict does not follow from the hashes that it gives',
  );
  doubt(
    rootOf(steps.map((step) => step.hash)) === report.merkleRoot,
    'the replay’s root is not that of its steps',
  );
  doubt(
    rootOf(steps.map((step) => step.recordedHash)) === report.recordedRoot,
    'the recorded root is not that of its steps',
  );
  doubt(
    steps.every((step) => (step.mark === 'equal') === (step.hash === step.recordedHash)),
    'a step is marked otherwise than its hashes say',
  );
  if (recorded) {
    doubt(recorded.merkleRoot === report.recordedRoot, 'the recorded proof has another root');
    const told = recorded.steps.map((step) => `${step.stepId} ${step.attestationHash}`).join('\n');
    const given = steps.map((step) => `${step.stepId} ${step.recordedHash}`).join('\n');
    doubt(told === given, 'the recorded proof has other steps, or other hashes of them');
  }
  return {
    kind: doubts.length ? 'disagreement' : isIdentical ? 'identical' : 'different',
    equal: steps.filter((step) => step.mark === 'equal').length,
    total: steps.length,
    causes: steps.filter((step) => step.role === 'cause').map((step) => step.stepId),
    doubts,
  };
}

export const MARKS = {
  equal: { sign: '=', word: 'equal bytes' },
  linked: { sign: '~', word: 'its own values equal, a step before it differs' },
  different: { sign: '≠', word: 'differs' },
} as const;

/** The next step that differs of its own, behind the one named, and round again. */
export function nextDifference(steps: readonly ReplayStep[], stepId: string | undefined): string | null {
  const at = steps.findIndex((step) => step.stepId === stepId);
  const round = [...steps.slice(at + 1), ...steps.slice(0, at + 1)];
  return round.find((step) => step.mark === 'different')?.stepId ?? null;
}

function rootOf(hashes: readonly string[]): string {
  return `sha256:${hex(treeHash(hashes.map((item) => unhex(item.slice(7)))))}`;
}
