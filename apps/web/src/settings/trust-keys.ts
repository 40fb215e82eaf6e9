/** The keys of a trust file as a table shows them. Pure: what they count for, the verifier decides. */

export interface KeyShown {
  readonly keyid: string;
  readonly roles: readonly string[];
  readonly subject: string | null;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly revoked: string | null;
}

type Raw = Readonly<Record<string, unknown>>;

/** The keys, or null for what is no trust file. */
export function keysShown(bytes: Uint8Array): readonly KeyShown[] | null {
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  const keys = isRaw(found) ? found.keys : null;
  return Array.isArray(keys) ? keys.filter(isRaw).map(shown) : null;
}

function shown(key: Raw): KeyShown {
  return {
    keyid: text(key.keyid) ?? '',
    roles: Array.isArray(key.roles) ? key.roles.map(String) : [],
    subject: text(key.subject),
    validFrom: text(key.validFrom),
    validTo: text(key.validTo),
    revoked: isRaw(key.revoked) ? text(key.revoked.reason) : null,
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
