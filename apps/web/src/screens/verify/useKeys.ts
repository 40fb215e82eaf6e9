/** Whose keys count: of a file that was chosen, of the service that one is signed in to, or nobody's. Never the proof's. */

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { meQuery, trustQuery } from '../../api/queries.ts';
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
  /** Every source; null for one that there is nothing of. */
  readonly sources: Readonly<Record<Source, Keys | null>>;
  readonly choose: (source: Source) => void;
}

const NOBODY: Keys = { source: 'none', bytes: emptyTrust(), words: 'no keys: every signer is unknown' };

export function useKeys(items: readonly Item[]): Choice {
  const [chosen, choose] = useState<Source | null>(null);
  const me = useQuery(meQuery);
  const trust = useQuery({ ...trustQuery, enabled: me.data !== undefined });
  const item = trustItem(items);
  const file = useMemo(
    () => (item ? keysOf('file', item.bytes, `keys of the file ${item.name}`) : null),
    [item],
  );
  const { data } = trust;
  const service = useMemo(
    () => (data ? keysOf('service', new Uint8Array(data), 'keys of this service') : null),
    [data],
  );
  const sources = { file, service, none: NOBODY };
  const isComing = me.isLoading || (me.data !== undefined && trust.isLoading);
  const found = (chosen && sources[chosen]) ?? file ?? service;
  return { keys: found ?? (isComing ? null : NOBODY), sources, choose };
}

function keysOf(source: Source, bytes: Uint8Array<ArrayBuffer>, name: string): Keys {
  const named = namedTrust(bytes);
  const count = named ? `${String(named.keys)} ${named.keys === 1 ? 'key' : 'keys'}, ` : '';
  return { source, bytes, words: `${name} (${count}fingerprint ${fingerprint(digest(bytes))})` };
}
