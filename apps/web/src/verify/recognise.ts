/** What a file is, by what is in it: its name is a stranger's word. Pure. */

import { find, holds } from './scan.ts';

/** `payload` is a value that a proof names by its digest, `artifact` a file that an export must have written. */
export type Kind = 'proof' | 'trust' | 'payload' | 'artifact';

/** Of a proof (spec/pcq-v1.md, 1); no file is larger here. */
export const MOST_BYTES = 64 * 1024 * 1024;

const ARCHIVES: readonly (readonly [readonly number[], string])[] = [
  [[0x1f, 0x8b], 'this is gzip: unpack it first (gunzip FILE)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'this is zstd: unpack it first (unzstd FILE)'],
  [[0x42, 0x5a, 0x68], 'this is bzip2: unpack it first (bunzip2 FILE)'],
];
const PAYLOAD_NAME = /^sha256[-:][0-9a-f]{64}$/;

/** Why a file of that size is not even read, or empty. */
export function refusalOfSize(size: number): string {
  if (size === 0) return 'this file is empty';
  if (size <= MOST_BYTES) return '';
  return `${megabytes(size)}: a proof and all that goes with it is at most 64 MiB a file`;
}

/** The kind of a file, or why it is not taken. */
export function recognise(name: string, bytes: Uint8Array): Kind | { readonly refused: string } {
  const size = refusalOfSize(bytes.length);
  if (size) return { refused: size };
  if (PAYLOAD_NAME.test(name)) return 'payload';
  const isProof = name.toLowerCase().endsWith('.pcq');
  const archive = ARCHIVES.find(([start]) => start.every((byte, at) => bytes[at] === byte));
  if (archive) return { refused: archive[1] };
  if (startsLikeJson(bytes)) {
    if (holds(bytes, '"manifest/v')) return 'proof';
    if (holds(bytes, '"trust/v')) return 'trust';
  }
  // A damaged proof is one still: the verifier says what is wrong with it.
  return isProof ? 'proof' : 'artifact';
}

/** Of several proofs, the one that no other names: the others are of executions that its steps began. */
export function headOf(proofs: readonly Uint8Array[]): number {
  const names = proofs.map(executionOf);
  const head = names.findIndex(
    (name, at) =>
      !proofs.some((other, index) => index !== at && name !== null && holds(other, JSON.stringify(name))),
  );
  return Math.max(0, head);
}

/** True when a proof was taken values out of: a profile that needs them cannot end well. */
export function isRedacted(proof: Uint8Array): boolean {
  return holds(proof, '{"$redacted":');
}

/** As it spells it itself, before anything was verified. */
export function executionOf(proof: Uint8Array): string | null {
  const member = '"executionId":"';
  const at = find(proof, member);
  if (at < 0) return null;
  const text = new TextDecoder().decode(proof.subarray(at + member.length, at + member.length + 300));
  const end = text.indexOf('"');
  return end > 0 ? text.slice(0, end) : null;
}

export function megabytes(size: number): string {
  if (size < 1000) return `${String(size)} bytes`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

function startsLikeJson(bytes: Uint8Array): boolean {
  const blank = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
  const first = bytes.subarray(0, 64).find((byte) => !blank.has(byte));
  return first === 0x7b;
}
