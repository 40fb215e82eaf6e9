/** Trust files as far as they are named to a person; what counts of them the verifier decides. Pure. */

export interface TrustNamed {
  readonly keys: number;
  readonly version: number;
}

/** Nobody: whatever is signed is then signed by a stranger. Its version never is the reason of a finding. */
export function emptyTrust(): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify({ keys: [], pcq: 'trust/v1', version: Number.MAX_SAFE_INTEGER });
  return new TextEncoder().encode(text);
}

/** Null for what is no trust file. */
export function namedTrust(bytes: Uint8Array): TrustNamed | null {
  try {
    const found = JSON.parse(new TextDecoder().decode(bytes)) as { keys?: unknown; version?: unknown } | null;
    if (!found || !Array.isArray(found.keys)) return null;
    return { keys: found.keys.length, version: typeof found.version === 'number' ? found.version : 0 };
  } catch {
    return null;
  }
}

/** `9f2c 01ab 77de 3310`: the first 64 bits, in groups that can be read out. */
export function fingerprint(digest: string): string {
  return (
    digest
      .replace(/^sha256:/, '')
      .slice(0, 16)
      .match(/.{4}/g) ?? []
  ).join(' ');
}
