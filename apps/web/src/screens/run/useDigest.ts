/** How many bytes a text has and which: computed once it is shown. */

import { useEffect, useMemo, useState } from 'react';

import { sha256 } from '../../ui/saveFile.ts';

export interface Bytes {
  readonly size: number;
  /** Null where the browser computes none: outside of https and of this machine. */
  readonly digest: string | null;
}

export function useDigest(text: string): Bytes | undefined {
  const bytes = useMemo(() => new TextEncoder().encode(text), [text]);
  const [found, setFound] = useState<{ readonly of: Uint8Array; readonly digest: string | null }>();
  useEffect(() => {
    let isWanted = true;
    const tell = (digest: string | null): void => {
      if (isWanted) setFound({ of: bytes, digest });
    };
    sha256(bytes).then(tell, () => tell(null));
    return () => {
      isWanted = false;
    };
  }, [bytes]);
  return found?.of === bytes ? { size: bytes.byteLength, digest: found.digest } : undefined;
}
