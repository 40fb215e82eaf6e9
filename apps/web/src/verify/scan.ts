/** Looking for a few words in bytes, without reading them as text first: files are up to 64 MiB. Pure. */

const encoder = new TextEncoder();

/** Where `words` begin, or -1 (Horspool). */
export function find(bytes: Uint8Array, words: string, from = 0): number {
  const wanted = encoder.encode(words);
  const last = wanted.length - 1;
  const shift = new Uint32Array(256).fill(wanted.length);
  for (let at = 0; at < last; at++) shift[wanted[at] as number] = last - at;
  for (let at = from; at + last < bytes.length; at += shift[bytes[at + last] as number] as number) {
    let back = last;
    while (back >= 0 && bytes[at + back] === wanted[back]) back--;
    if (back < 0) return at;
  }
  return -1;
}

export function holds(bytes: Uint8Array, words: string): boolean {
  return find(bytes, words) >= 0;
}
