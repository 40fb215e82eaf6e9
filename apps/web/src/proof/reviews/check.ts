/** Check `approvals`: every statement is bound, signed and allowed, every review is ended (spec/reviews.md, 3 to 5). */

import type { Judge } from '../crypto/ed25519.ts';
import type { Manifest } from '../manifest.ts';
import { FAULT, finding, type Finding } from '../report.ts';
import { got } from '../shape/shapes.ts';
import type { Trust } from '../trust.ts';
import { BY_INSTALLATION, BY_PERSON, type Approval } from './approval.ts';
import { person, type Needs } from './needs.ts';
import { said, type Review, type Reviews } from './review.ts';

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** Findings against single statements, and then against the reviews that they make. */
export async function checkApprovals(
  manifest: Manifest,
  reviews: Reviews,
  trust: Trust | null,
  signatures: Judge,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const approval of manifest.approvals) {
    findings.push(...binding(approval, manifest));
    findings.push(...(await signature(approval, manifest, trust, signatures)));
    if (!LETTER_OR_DIGIT.test(approval.statement.reason)) {
      findings.push(invalid(approval, 'expected a reason with at least one letter or digit'));
    }
  }
  for (const review of reviews.all) {
    findings.push(...reviewProblems(review));
    for (const approval of review.statements) findings.push(...form(approval, review, manifest));
    if (!review.needs) continue;
    findings.push(...times(review, review.needs), ...people(review, review.needs, manifest));
  }
  return findings;
}

function binding(approval: Approval, { header }: Manifest): Finding[] {
  const members = ['manifestId', 'contextHash'] as const;
  return members.flatMap((member) => {
    const found = approval.statement[member];
    if (found === header[member]) return [];
    return [invalid(approval, `${member}: expected ${header[member]} as in this manifest, got ${found}`)];
  });
}

async function signature(
  approval: Approval,
  { header }: Manifest,
  trust: Trust | null,
  signatures: Judge,
): Promise<Finding[]> {
  const { keyid, statement } = approval;
  const findings: Finding[] = [];
  const byInstallation = BY_INSTALLATION.includes(statement.decision);
  if (byInstallation && keyid !== header.keyid) {
    findings.push(invalid(approval, `keyid: expected ${header.keyid}, the manifest's key, got ${keyid}`));
  }
  if (!trust) {
    const message = 'its signature cannot be checked: there is no trust file';
    return [...findings, finding(FAULT.incomplete, approval.name, message)];
  }
  const refusal = trust.refusal(keyid, byInstallation ? 'manifest' : 'approver', approval.issued);
  if (refusal) findings.push(finding(FAULT.untrusted, approval.name, refusal));
  const subject = trust.subject(keyid);
  if (!byInstallation && subject !== null && subject !== statement.approver) {
    findings.push(
      invalid(approval, `expected ${got(subject)}, whose key it is, got ${got(statement.approver)}`),
    );
  }
  const key = trust.public(keyid);
  if (key && !(await signatures.isStrict(approval.signature, approval.message, key))) {
    findings.push(invalid(approval, `expected an Ed25519 signature by key ${keyid} over it, got another`));
  }
  return findings;
}

function reviewProblems(review: Review): Finding[] {
  const findings: Finding[] = [];
  const where = `review ${review.reviewId}`;
  if (review.problem) findings.push(finding(review.problem.fault, where, review.problem.message));
  const first = review.statements[0].statement;
  review.statements.forEach((approval, index) => {
    const told = approval.statement;
    for (const member of ['stepId', 'requirementId', 'subject'] as const) {
      if (told[member] === first[member]) continue;
      const message = `${member}: expected ${got(first[member])} as before, got ${got(told[member])}`;
      findings.push(invalid(approval, message));
    }
    if (told.sequence !== index + 1) {
      findings.push(invalid(approval, `sequence: expected ${index + 1}, got ${told.sequence}`));
    }
  });
  if (review.refused) findings.push(invalid(review.refused, 'may not be said where the review stands'));
  if (['none', 'open', 'info-requested'].includes(review.state)) {
    findings.push(finding(FAULT.invalid, where, `is left ${review.state}: nobody ended it`));
  }
  return findings;
}

/** Role, speaker and `expiresAt` by the decision (spec/reviews.md, 3). */
function form(approval: Approval, review: Review, { header }: Manifest): Finding[] {
  const findings: Finding[] = [];
  const { approver, decision, expiresAt, role } = approval.statement;
  let expected = review.kind === 'denial' ? 'ombuds' : 'approver';
  if (decision === 'info-given') expected = 'participant';
  else if (BY_INSTALLATION.includes(decision)) {
    expected = 'installation';
    if (approver !== header.logOrigin) {
      findings.push(invalid(approval, `approver: expected ${header.logOrigin}, got ${got(approver)}`));
    }
  }
  if (role !== expected) findings.push(invalid(approval, `role: expected ${expected}, got ${role}`));
  if ((expiresAt !== null) !== (decision === 'opened' || decision === 'approved')) {
    findings.push(invalid(approval, `expiresAt: ${got(expiresAt)} does not go with this decision`));
  }
  return findings;
}

function times(review: Review, needs: Needs): Finding[] {
  const opened = review.statements[0];
  if (opened.statement.decision !== 'opened') return [];
  const findings: Finding[] = [];
  const due = opened.issued + BigInt(needs.dueSeconds) * 1_000_000n;
  if (opened.expires !== null && opened.expires !== due) {
    const told = got(opened.statement.expiresAt);
    findings.push(invalid(opened, `expiresAt: expected issuedAt and ${needs.dueSeconds} s, got ${told}`));
  }
  for (const approval of said(review, ['approved'])) {
    const { expires, issued } = approval;
    if (issued >= due) findings.push(invalid(approval, 'issuedAt is not before the review is due'));
    if (expires !== null && (expires <= issued || expires > due)) {
      findings.push(invalid(approval, 'expiresAt is not after issuedAt and at most when the review is due'));
    }
  }
  for (const approval of said(review, ['expired'])) {
    if (approval.issued < due) findings.push(invalid(approval, 'issuedAt is before the review is due'));
  }
  return findings;
}

/** Who may decide (spec/reviews.md, 5.1 to 5.3). */
function people(review: Review, needs: Needs, { header }: Manifest): Finding[] {
  const findings: Finding[] = [];
  const requester = person(header.executedBy);
  const excluded = new Set(needs.exclude.map(person));
  const assigned = new Set(needs.assignedTo.map(person));
  const approved = new Set<string>();
  for (const approval of said(review, BY_PERSON)) {
    const { approver, decision } = approval.statement;
    const [who, told] = [person(approver), got(approver)];
    const add = (problem: string): unknown => findings.push(invalid(approval, `${told} ${problem}`));
    if (who === requester) add('is who asked for it, and never decides');
    if (excluded.has(who)) add('is excluded from deciding');
    if (assigned.size && !assigned.has(who) && decision !== 'break-glass')
      add('is none of those it is assigned to');
    if (decision !== 'approved') continue;
    if (approved.has(who)) add('approves a second time');
    approved.add(who);
  }
  return findings;
}

function invalid(approval: Approval, message: string): Finding {
  return finding(FAULT.invalid, approval.name, message);
}
