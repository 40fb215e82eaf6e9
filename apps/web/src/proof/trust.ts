/** The trust file: which key counts, for what, and when (spec/pcq-v1.md, 8). A manifest never carries a key. */

import { decodeBase64, digest, instant } from './encoding.ts';
import { parseJson, StrictJsonError } from './json/strict.ts';
import type { Json, JsonObject } from './json/value.ts';
import {
  array,
  base64Bytes,
  closed,
  digestText,
  integer,
  nullable,
  oneOf,
  ShapeError,
  text,
  time,
} from './shape/shapes.ts';

const SHAPE = closed({
  pcq: oneOf('trust/v1'),
  version: integer(1),
  keys: array(
    closed(
      {
        keyid: digestText,
        publicKey: base64Bytes(32),
        roles: array(oneOf('step', 'manifest', 'approver')),
        validFrom: time,
        validTo: nullable(time),
        revoked: nullable(closed({ at: time, reason: text() })),
      },
      { subject: text(1, 256) },
    ),
  ),
});

export type Role = 'step' | 'manifest' | 'approver';

interface Key {
  readonly bytes: Uint8Array;
  readonly roles: ReadonlySet<string>;
  readonly from: bigint;
  readonly to: bigint | null;
  readonly revoked: string | null;
  readonly subject: string | null;
}

/** The trust file is no trust/v1. */
export class TrustError extends Error {
  override name = 'TrustError';
}

export class Trust {
  readonly version: number;
  private readonly keys: ReadonlyMap<string, Key>;

  constructor(version: number, keys: ReadonlyMap<string, Key>) {
    this.version = version;
    this.keys = keys;
  }

  /** Why `keyid` does not count for `role` at that instant, or empty. */
  refusal(keyid: string, role: Role, at: bigint): string {
    const key = this.keys.get(keyid);
    if (!key) return `key ${keyid} is not in the trust file`;
    if (key.revoked !== null) return `key ${keyid} is revoked (${key.revoked})`;
    if (!key.roles.has(role))
      return `key ${keyid} has no role ${role}, only ${[...key.roles].join(', ') || 'none'}`;
    if (at < key.from || (key.to !== null && at >= key.to)) return `key ${keyid} is not valid at that time`;
    return '';
  }

  /** The person whose key it is, or null for a key that is unknown or no approver's. */
  subject(keyid: string): string | null {
    return this.keys.get(keyid)?.subject ?? null;
  }

  /** The 32 bytes of the public key, or null when it is unknown. */
  public(keyid: string): Uint8Array | null {
    return this.keys.get(keyid)?.bytes ?? null;
  }
}

/** The trust file in `data`; throws TrustError. */
export function readTrust(data: Uint8Array): Trust {
  const value = parsed(data);
  const keys = new Map<string, Key>();
  (value['keys'] as JsonObject[]).forEach((item, index) => {
    const bytes = decodeBase64(item['publicKey']) ?? new Uint8Array(0);
    const keyid = item['keyid'] as string;
    const roles = new Set(item['roles'] as string[]);
    if (digest(bytes) !== keyid)
      throw new TrustError(`keys.${index}.keyid: expected ${digest(bytes)}, got ${keyid}`);
    if (keys.has(keyid)) throw new TrustError(`keys.${index}.keyid: ${keyid} occurs twice`);
    if (roles.has('approver') !== 'subject' in item) {
      throw new TrustError(
        `keys.${index}.subject: expected one exactly when \`approver\` is among the roles`,
      );
    }
    const revoked = item['revoked'] as { at: string; reason: string } | null;
    keys.set(keyid, {
      bytes,
      roles,
      from: instant(item['validFrom']) ?? 0n,
      to: instant(item['validTo']),
      revoked: revoked && `at ${revoked.at}: ${revoked.reason}`,
      subject: (item['subject'] ?? null) as string | null,
    });
  });
  return new Trust(value['version'] as number, keys);
}

function parsed(data: Uint8Array): JsonObject {
  try {
    const value: Json = parseJson(data);
    SHAPE(value);
    return value as JsonObject;
  } catch (error) {
    if (error instanceof StrictJsonError) throw new TrustError(error.message);
    if (error instanceof ShapeError) throw new TrustError(`${error.where}: ${error.message}`);
    throw error;
  }
}
