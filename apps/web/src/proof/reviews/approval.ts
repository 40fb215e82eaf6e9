/** One signed statement of a review: its closed shape, and what is read from it (spec/reviews.md, 3). */

import { decodeBase64, digestOf, instant, pae } from '../encoding.ts';
import { canonical } from '../json/canonical.ts';
import type { JsonObject } from '../json/value.ts';
import {
  base64Bytes,
  closed,
  digestText,
  hexDigits,
  identifier,
  integer,
  nullable,
  oneOf,
  text,
  time,
} from '../shape/shapes.ts';

export const BY_INSTALLATION: readonly string[] = ['opened', 'info-given', 'expired', 'closed'];
export const BY_PERSON: readonly string[] = ['approved', 'rejected', 'info-requested', 'break-glass'];

export const APPROVAL = closed({
  statement: closed({
    pcq: oneOf('approval/v1'),
    manifestId: identifier,
    contextHash: digestText,
    stepId: identifier,
    requirementId: text(),
    reviewId: identifier,
    sequence: integer(1),
    subject: digestText,
    decision: oneOf(...BY_INSTALLATION, ...BY_PERSON),
    approver: text(1, 256),
    role: oneOf('installation', 'ombuds', 'approver', 'participant'),
    reason: text(1, 4000),
    issuedAt: time,
    expiresAt: nullable(time),
    nonce: hexDigits,
  }),
  keyid: digestText,
  signature: base64Bytes(),
});

interface Statement {
  readonly manifestId: string;
  readonly contextHash: string;
  readonly stepId: string;
  readonly requirementId: string;
  readonly reviewId: string;
  readonly sequence: number;
  readonly subject: string;
  readonly decision: string;
  readonly approver: string;
  readonly role: string;
  readonly reason: string;
  readonly issuedAt: string;
  readonly expiresAt: string | null;
}

/** An approval as the file has it; `position` counts all of the file from 0, times are in microseconds. */
export interface Approval {
  readonly value: JsonObject;
  readonly statement: Statement;
  readonly keyid: string;
  readonly issued: bigint;
  readonly expires: bigint | null;
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly digest: string;
  readonly name: string;
}

/** The approval of a value whose shape was checked. */
export function readApproval(value: JsonObject, position: number): Approval {
  const told = value['statement'] as JsonObject;
  const statement = told as unknown as Statement;
  return {
    value,
    statement,
    keyid: value['keyid'] as string,
    issued: instant(statement.issuedAt) ?? 0n,
    expires: instant(statement.expiresAt),
    signature: decodeBase64(value['signature']) ?? new Uint8Array(0),
    message: pae('approval', canonical(told)),
    digest: digestOf(value),
    name: `approvals.${position}, ${statement.decision} in review ${statement.reviewId}`,
  };
}
