import { FILE_DIGEST } from 'virtual:verifier-file';
import type { ReactElement } from 'react';

import { HashChip } from '../../ui/HashChip.tsx';
import styles from './TakeAlong.module.css';

/** This page as one file, for who would rather not have it from here each time; there is none before it was built. */
export function TakeAlong(): ReactElement | null {
  if (!FILE_DIGEST) return null;
  return (
    <section className={styles.take} aria-labelledby="take-along">
      <h2 id="take-along">Take this verifier with you</h2>
      <p>
        <a href={`${import.meta.env.BASE_URL}verify.html`} download="verify.html">
          verify.html
        </a>{' '}
        is this page in one file, which opens without a network and cannot reach one. SHA-256{' '}
        <HashChip value={FILE_DIGEST} label="digest of verify.html" letters={64} />
      </p>
      <p className={styles.hint}>
        That digest comes from here too. To trust neither the file nor this service, build it from the
        sources: <code>make web</code> prints the same digest.
      </p>
    </section>
  );
}
