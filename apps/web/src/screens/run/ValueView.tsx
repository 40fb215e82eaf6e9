import { useState, type ReactElement } from 'react';

import { CopyButton } from '../../ui/CopyButton.tsx';
import { Button } from '../../ui/Button.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { JsonMembers } from '../../ui/JsonMembers.tsx';
import { bytesText } from '../../ui/jsonTree.ts';
import { RawText } from '../../ui/RawText.tsx';
import { useDigest } from './useDigest.ts';
import styles from './ValueView.module.css';

interface Props {
  readonly label: string;
  readonly value: unknown;
  /** The RFC 8785 text, of whose bytes the digest is. */
  readonly text: string;
  /** As the service tells it, where it does. */
  readonly told?: string | undefined;
  /** What stands for it in the signed core, once the step is sealed. */
  readonly committed?: string | undefined;
}

const WAYS = { structure: 'Structure', raw: 'Raw', hash: 'Hash' } as const;
type Way = keyof typeof WAYS;

/** A value: first how large it is and which bytes it is, then what is in it. */
export function ValueView({ label, value, text, told, committed }: Props): ReactElement {
  const [way, setWay] = useState<Way>('structure');
  const bytes = useDigest(text);
  const digest = told ?? bytes?.digest;
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <span className={styles.what}>
          {label} of {bytesText(bytes?.size ?? text.length)}
        </span>
        {digest ? (
          <HashChip value={digest} label={`digest of the ${label.toLowerCase()}`} letters={16} />
        ) : null}
        <span className={styles.ways} role="group" aria-label={`Ways to see the ${label.toLowerCase()}`}>
          {(Object.keys(WAYS) as Way[]).map((name) => (
            <Button
              key={name}
              kind="quiet"
              className={styles.way}
              aria-pressed={way === name}
              onClick={() => setWay(name)}
            >
              {WAYS[name]}
            </Button>
          ))}
          <CopyButton label={label} text={() => text} className={styles.way} />
        </span>
      </div>
      {way === 'structure' ? <JsonMembers label={label} value={value} /> : null}
      {way === 'raw' ? <RawText label={label} text={text} /> : null}
      {way === 'hash' ? <Hashes {...{ label, told, committed }} computed={bytes?.digest} /> : null}
    </div>
  );
}

interface HashProps extends Pick<Props, 'label' | 'told' | 'committed'> {
  readonly computed: string | null | undefined;
}

function Hashes({ label, told, committed, computed }: HashProps): ReactElement {
  return (
    <dl className={styles.hashes}>
      <dt>SHA-256 of these bytes, computed here</dt>
      <dd>
        <code>{computed ?? 'This needs https, or this machine.'}</code>
        {told && computed ? (
          <p className={told === computed ? styles.same : styles.other}>
            {told === computed ? '✓ the one that the service told' : `✕ the service told ${told}`}
          </p>
        ) : null}
      </dd>
      <dt>In the signed attestation</dt>
      <dd>
        {committed ? (
          <>
            <code>{committed}</code>
            <p>
              It is salted, so that a small value cannot be guessed from it: it is another one than above.
              Verify the proof to see that it stands for this {label.toLowerCase()}.
            </p>
          </>
        ) : (
          'The step is not sealed yet.'
        )}
      </dd>
    </dl>
  );
}
