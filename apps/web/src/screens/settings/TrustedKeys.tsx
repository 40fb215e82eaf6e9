import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ReactElement } from 'react';

import { trustQuery } from '../../api/queries.ts';
import { digest } from '../../proof/encoding.ts';
import { keysShown, type KeyShown } from '../../settings/trust-keys.ts';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/saveFile.ts';
import { HashChip } from '../../ui/HashChip.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Region } from '../../ui/Region.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { Time } from '../../ui/Time.tsx';
import { fingerprint } from '../../verify/trust.ts';
import styles from './Settings.module.css';

/** The public keys of this service, as the trust file that a verifier takes. */
export function TrustedKeys(): ReactElement {
  const trust = useQuery(trustQuery);
  const { data } = trust;
  return (
    <Panel
      title="Keys of this service"
      flush
      actions={
        <Button
          unavailable={data ? null : 'The keys are not here yet'}
          onClick={() => (data ? saveFile('trust.json', data, 'application/json') : undefined)}
        >
          <Download size={15} aria-hidden="true" />
          Trust file
        </Button>
      }
    >
      <Region query={trust} rows={3}>
        {(found) => <Keys bytes={new Uint8Array(found)} />}
      </Region>
    </Panel>
  );
}

function Keys({ bytes }: { readonly bytes: Uint8Array }): ReactElement {
  const keys = keysShown(bytes);
  if (!keys) return <EmptyState title="What the service sent is no trust file" />;
  return (
    <>
      <ul className={styles.list}>
        {keys.map((key) => (
          <Key key={key.keyid} shown={key} />
        ))}
      </ul>
      <p className={styles.foot}>
        Fingerprint of the trust file <code>{fingerprint(digest(bytes))}</code>. Compare it over another way
        before you trust it: who serves false proofs serves the keys for them.
      </p>
    </>
  );
}

function Key({ shown }: { readonly shown: KeyShown }): ReactElement {
  return (
    <li className={styles.key}>
      <HashChip value={shown.keyid} label="key id" letters={12} />
      <span>
        <strong>{shown.roles.join(', ') || 'no role'}</strong>
        {shown.subject === null ? null : <> · {shown.subject}</>}
      </span>
      <span className={styles.hint}>
        {shown.validFrom === null ? null : (
          <>
            from <Time at={shown.validFrom} />
          </>
        )}
        {shown.validTo === null ? ', without an end' : null}
        {shown.validTo === null ? null : (
          <>
            {' '}
            until <Time at={shown.validTo} />
          </>
        )}
      </span>
      {shown.revoked === null ? null : <span className={styles.revoked}>✕ revoked: {shown.revoked}</span>}
    </li>
  );
}
