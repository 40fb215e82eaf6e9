import type { ReactElement } from 'react';

import styles from './VerifyFiles.module.css';
import type { Refusal } from './useFiles.ts';

/** Files that were not taken, and why. */
export function Refusals({ refusals }: { readonly refusals: readonly Refusal[] }): ReactElement {
  return (
    <div role="alert">
      {refusals.length ? (
        <ul className={styles.refusals}>
          {refusals.map(({ name, why }) => (
            <li key={name}>
              <strong>{name}</strong>: {why}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
