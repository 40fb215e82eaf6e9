/** The digest that a reader expects, from a field or from behind the # of the address. Pure. */

import type { Facts } from '../proof/report.ts';

const DIGEST = /^(?:sha256[:-])?([0-9a-f]{64})$/i;

/** As `sha256:…`, or null for what is no digest. */
export function digestFrom(text: string): string | null {
  const found = DIGEST.exec(text.trim())?.[1];
  return found === undefined ? null : `sha256:${found.toLowerCase()}`;
}

/** `#sha256=<hex>`; null when there is none. */
export function digestOfHash(hash: string): string | null {
  return digestFrom(new URLSearchParams(hash.replace(/^#/, '')).get('sha256') ?? '');
}

export interface Pin {
  /** What the expected digest turned out to be the digest of; empty when it is of nothing here. */
  readonly of: string;
  readonly wrong: string;
}

/** A digest may be that of the file, of the manifest or the Merkle root: people pass all three on. */
export function pinned(expected: string | null, file: string, facts: Facts | null): Pin {
  if (expected === null) return { of: '', wrong: '' };
  const names: [string, string | undefined][] = [
    ['the file', file],
    ['the Merkle root', facts?.merkleRoot],
    ['the manifest hash', facts?.manifestHash],
  ];
  const of = names.find(([, digest]) => digest === expected)?.[0] ?? '';
  const wrong = of
    ? ''
    : `Another proof than expected: ${expected} is not the digest of this file or its root.`;
  return { of, wrong };
}
