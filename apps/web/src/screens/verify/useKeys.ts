/** Whose keys count: of a file that was chosen, of the service that one is signed in to, or nobody's. Never the proof's. */

import { useMemo, useState } from 'react';

import { digest } from '../../proof/encoding.ts';
import { trustItem, type Item } from '../../verify/question.ts';
import { emptyTrust, fingerprint, namedTrust } from '../../verify/trust.ts';

export type Source = 'file' | 'service' | 'none';

export interface Keys {
  readonly source: Source;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In words, with what they can be told by. */
  readonly words: string;
}

export interface Choice {
  /** Null while the service's keys are on their way. */
  readonly keys: Keys | null;
  /** Every source that there can be here; null for one that there is nothing of. */
  readonly sources: Readonly<Partial<Record<Source, Keys | null>>>;
  readonly choose: (source: Source) => void;
}

/** A trust file as a service sends it. */
export interface ServiceKeys {
  readonly file: ArrayBuffer | undefined;
  readonly isComing: boolean;
}

const NOBODY: Keys = { source: 'none', bytes: emptyTrust(), words: 'no keys: every signer is unknown' };

/** `service` is null where there is none. */
export function useKeys(items: readonly Item[], service: ServiceKeys | null): Choice {
  const [chosen, choose] = useState<Source | null>(null);
  const item = trustItem(items);
  const file = useMemo(
    () => (item ? keysOf('file', item.bytes, `keys of the file ${item.name}`) : null),
    [item],
  );
  const sent = service?.file;
  const served = useMemo(
    () => (sent ? keysOf('service', new Uint8Array(sent), 'keys of this service') : null),
    [sent],
  );
  const sources = { file, ...(service ? { service: served } : {}), none: NOBODY };
  const found = (chosen && sources[chosen]) ?? file ?? served;
  return { keys: found ?? (service?.isComing ? null : NOBODY), sources, choose };
}

function keysOf(source: Source, bytes: Uint8Array<ArrayBuffer>, name: string): Keys {
  const named = namedTrust(bytes);
  const count = named ? `${String(named.keys)} ${named.keys === 1 ? 'key' : 'keys'}, ` : '';
  return { source, bytes, words: `${name} (${count}fingerprint ${fingerprint(digest(bytes))})` };
}
