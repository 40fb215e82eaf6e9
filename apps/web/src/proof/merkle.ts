/** The Merkle tree hash of RFC 9162, section 2.1.1, over leaf hashes. */

import { concat, spelledBehind } from './bytes.ts';
import { hashOf } from './encoding.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** `H(0x00 || data)`. */
export function leafHash(data: Uint8Array): Uint8Array {
  return hashOf(concat(LEAF, data));
}

/** `H(0x00 || UTF-8 of text)`. */
export function leafHashOf(text: string): Uint8Array {
  return hashOf(spelledBehind(text, LEAF));
}

/** MTH of the leaves whose hashes are given; `H("")` when there are none. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  // A stack of perfect subtrees, largest first: a new leaf closes as many as there are trailing ones in the count.
  const open: Uint8Array[] = [];
  leaves.forEach((leaf, index) => {
    open.push(leaf);
    for (let rest = index; rest & 1; rest >>= 1) join(open);
  });
  if (!open.length) return hashOf(new Uint8Array(0));
  while (open.length > 1) join(open);
  return open[0] as Uint8Array;
}

function join(open: Uint8Array[]): void {
  const right = open.pop() as Uint8Array;
  const left = open.pop() as Uint8Array;
  open.push(hashOf(concat(NODE, left, right)));
}
