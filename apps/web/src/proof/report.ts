/** What a verification found: one status a check, one finding a fault, one exit code (spec/pcq-v1.md, 9). */

export const CHECKS = [
  'read',
  'parse',
  'schema',
  'trust',
  'header',
  'materials',
  'order',
  'leaves',
  'chain',
  'root',
  'subroots',
  'signatures',
  'payloads',
  'approvals',
  'outcomes',
  'inputs',
  'outputs',
  'verdicts',
  'expectations',
] as const;

export type CheckName = (typeof CHECKS)[number];
export type Status = 'pass' | 'fail' | 'not-checked' | 'not-applicable';
export type Profile = 'integrity' | 'disclosure' | 'full';

/** The kind of a finding; its value is the exit code. */
export const FAULT = { invalid: 1, untrusted: 3, notReproduced: 4, incomplete: 5, malformed: 6 } as const;
export type Fault = (typeof FAULT)[keyof typeof FAULT];
export type ExitCode = 0 | Fault;

const PRECEDENCE: Fault[] = [
  FAULT.malformed,
  FAULT.invalid,
  FAULT.untrusted,
  FAULT.notReproduced,
  FAULT.incomplete,
];

const NOT_INTEGRITY: ReadonlySet<string> = new Set(['payloads', 'inputs', 'outputs', 'verdicts']);
const INTEGRITY = CHECKS.filter((name) => !NOT_INTEGRITY.has(name));

/** The checks that each profile requires. */
export const PROFILES: Record<Profile, ReadonlySet<CheckName>> = {
  integrity: new Set(INTEGRITY),
  disclosure: new Set<CheckName>([...INTEGRITY, 'payloads']),
  full: new Set(CHECKS),
};

/** One fault: what kind, where (step and member), and what was expected and got. */
export interface Finding {
  readonly fault: Fault;
  readonly where: string;
  readonly message: string;
}

/** One check; `note` says what it covered or why it did not run. */
export interface Check {
  readonly name: CheckName;
  readonly status: Status;
  readonly required: boolean;
  readonly findings: readonly Finding[];
  readonly note: string;
}

/** Members of the header, and the manifest's hash; proven only when the exit code is 0. */
export interface Facts {
  readonly manifestId: string;
  readonly runbookId: string;
  readonly version: string;
  readonly executionId: string;
  readonly executedAt: string;
  readonly executedBy: string;
  readonly outcome: string;
  readonly merkleRoot: string;
  readonly manifestHash: string;
}

/** All checks of one manifest under one profile, in order; `sentence` is the last line for a person. */
export interface Report {
  readonly profile: Profile;
  readonly exitCode: ExitCode;
  readonly checks: readonly Check[];
  readonly reason: string;
  readonly facts: Facts | null;
  readonly decisions: readonly string[];
  readonly ending: string;
  /** Which steps wrote the files that were asked about. */
  readonly artifacts: readonly string[];
  /** What was not at hand and is not required. */
  readonly notes: readonly string[];
  readonly sentence: string;
}

export function finding(fault: Fault, where: string, message: string): Finding {
  return { fault, where, message };
}

/** The report on these checks. */
export function reportOn(
  profile: Profile,
  checks: readonly Check[],
  facts: Facts | null,
  decisions: readonly string[],
  ending: string,
  artifacts: readonly string[] = [],
): Report {
  const exitCode = exitCodeOf(checks);
  const reason = reasonOf(checks, exitCode);
  const sentence = exitCode ? `❌ Verification failed: ${reason}` : '✅ Proofs verified';
  return { profile, exitCode, checks, reason, facts, decisions, ending, artifacts, notes: [], sentence };
}

function exitCodeOf(checks: readonly Check[]): ExitCode {
  const required = checks.filter((check) => check.required);
  const faults = new Set(required.flatMap((check) => check.findings.map((item) => item.fault)));
  const worst = PRECEDENCE.find((fault) => faults.has(fault));
  if (worst !== undefined) return worst;
  const unmet = required.some((check) => check.status === 'fail' || check.status === 'not-checked');
  return unmet ? FAULT.incomplete : 0;
}

function reasonOf(checks: readonly Check[], exitCode: ExitCode): string {
  if (!exitCode) return '';
  for (const check of checks) {
    const first = check.required ? check.findings.find((item) => item.fault === exitCode) : undefined;
    if (first) return `${check.name}: ${first.where}: ${first.message}`;
  }
  return 'a check that the profile requires could not run';
}
