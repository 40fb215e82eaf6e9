/** Four words for a report, and never a better one than was checked. Pure. */

import { CHECKS, type Check, type CheckName, type Finding, type Report } from '../proof/report.ts';
import { FAULT } from '../proof/report.ts';

export type Word = 'holds' | 'signer-unknown' | 'does-not-hold' | 'cannot-be-checked';

export interface Verdict {
  readonly word: Word;
  /** One plain sentence: why. */
  readonly why: string;
  /** Everything that was asked for, or the profile leaves out, and was not looked at. */
  readonly unchecked: readonly { readonly name: CheckName; readonly why: string }[];
  readonly needsSql: boolean;
}

export const WORDS: Readonly<Record<Word, string>> = {
  holds: 'The proof holds',
  'signer-unknown': 'Holds, signer unknown',
  'does-not-hold': 'Does not hold',
  'cannot-be-checked': 'Cannot be checked',
};

type Found = Finding & { readonly check: CheckName };

/** `pinned` is what is wrong with the digest that the reader expected, or empty. */
export function verdictOf(report: Report, pinned = ''): Verdict {
  const found = report.checks
    .filter((check) => check.required)
    .flatMap((check) => check.findings.map((item): Found => ({ ...item, check: check.name })));
  const unchecked = report.checks.filter(({ status }) => status === 'not-checked').map(uncheckedBy);
  const needsSql = found.some(isOfSql);
  const [word, why] = pinned ? (['does-not-hold', pinned] as const) : judged(report, found);
  return { word, why, unchecked, needsSql };
}

function judged(report: Report, found: readonly Found[]): readonly [Word, string] {
  const wrong = found.find(isWrong);
  if (wrong) return ['does-not-hold', told(wrong)];
  if (report.exitCode === 0) return ['holds', 'Every check that was asked for passed.'];
  const unknown = found.filter(isOfUnknownKey);
  const blind = found.find((item) => !isOfUnknownKey(item));
  if (blind) return ['cannot-be-checked', told(blind)];
  if (report.exitCode === FAULT.untrusted && unknown.length) {
    const why = 'The file agrees with itself. No signature was checked by a key that you trust.';
    return ['signer-unknown', why];
  }
  return ['cannot-be-checked', 'A check that was asked for did not run.'];
}

/** A fault of the file; what could not be read or looked at is none. */
function isWrong(item: Found): boolean {
  if (item.fault === FAULT.invalid || item.fault === FAULT.notReproduced) return true;
  if (item.fault === FAULT.untrusted) return !isOfUnknownKey(item) && item.where !== 'trustVersion';
  return item.fault === FAULT.malformed && !isUnreadable(item);
}

/** Not JSON, cut off, too large, of another version, or a trust file that is none. */
function isUnreadable({ check, where, message }: Found): boolean {
  if (check === 'parse') return !message.startsWith('the bytes are not the RFC 8785 form');
  return check === 'read' || check === 'trust' || (check === 'schema' && where === 'pcq');
}

function isOfUnknownKey({ fault, message }: Found): boolean {
  if (fault === FAULT.untrusted) return message.endsWith('is not in the trust file');
  return fault === FAULT.incomplete && /^cannot be checked: key \S+ is unknown$/.test(message);
}

function isOfSql({ message }: Finding): boolean {
  return message.includes('SQL that is not evaluated here');
}

function told({ check, where, message }: Found): string {
  return `${LABELS[check].name} · ${where}: ${message}`;
}

function uncheckedBy(check: Check): { name: CheckName; why: string } {
  const [first, ...more] = check.findings;
  const others = more.length ? `, and ${String(more.length)} more` : '';
  const why = first ? `${first.where}: ${first.message}${others}` : check.note;
  return { name: check.name, why: why || 'a check before it ended the reading' };
}

/** How many checks ended how, in words. */
export function countsOf(report: Report): string {
  const count = (status: Check['status']): number =>
    report.checks.filter((check) => check.status === status).length;
  const parts = [
    `${String(count('pass'))} of ${String(CHECKS.length)} checks passed`,
    count('fail') ? `${String(count('fail'))} failed` : '',
    count('not-checked') ? `${String(count('not-checked'))} not done` : '',
    count('not-applicable') ? `${String(count('not-applicable'))} had nothing to check` : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

export const STATUS_LOOKS = {
  pass: { glyph: '✓', word: 'passed', tone: 'good' },
  fail: { glyph: '✕', word: 'failed', tone: 'bad' },
  'not-checked': { glyph: '?', word: 'not checked', tone: 'warn' },
  'not-applicable': { glyph: '–', word: 'nothing to check', tone: 'calm' },
} as const;

/** What each check looks at, for a person. */
export const LABELS: Readonly<Record<CheckName, { readonly name: string; readonly what: string }>> = {
  read: { name: 'Size', what: 'the file is within the limits of the format' },
  parse: { name: 'Spelling', what: 'strict JSON in its one canonical form' },
  schema: { name: 'Shape', what: 'every member is one that the format knows' },
  trust: { name: 'Keys', what: 'each key counts for what it signed, at that time' },
  header: { name: 'Header', what: 'the context’s hash and the signature over the manifest' },
  materials: { name: 'Materials', what: 'every document hashed again: definition, policies, licences' },
  order: { name: 'Order', what: 'the steps stand in the order of the definition' },
  leaves: { name: 'Steps', what: 'each step hashed again from its values, salts and place' },
  chain: { name: 'Chain', what: 'each step names the one before it and those it depends on' },
  root: { name: 'Root', what: 'the Merkle root over all steps, computed again' },
  subroots: { name: 'Other roots', what: 'observations, step signatures and approvals' },
  signatures: { name: 'Signatures', what: 'every step’s Ed25519 signature' },
  payloads: { name: 'Large values', what: 'bytes that lie beside the manifest' },
  approvals: { name: 'Decisions', what: 'what people said, and that it was theirs to say' },
  outcomes: { name: 'Outcomes', what: 'each step ended as its provers and people let it' },
  inputs: { name: 'Inputs', what: 'what each step was given is what came before it' },
  outputs: { name: 'Outputs', what: 'what each step gave, computed again' },
  verdicts: { name: 'Provers', what: 'every prover and policy asked again' },
  expectations: { name: 'Expectations', what: 'files and digests that you brought' },
};
