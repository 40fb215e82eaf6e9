import { useState, type ReactElement } from 'react';

import { Button } from './Button.tsx';
import { bytesText } from './jsonTree.ts';
import styles from './JsonView.module.css';

const RAW_STEP = 100_000;

/** Text as it is; of a long one as much as is asked for. */
export function RawText({ label, text }: { readonly label: string; readonly text: string }): ReactElement {
  const [most, setMost] = useState(RAW_STEP);
  return (
    <>
      {/* What scrolls can be reached by keyboard. */}
      <div role="region" aria-label={`${label}, text`} tabIndex={0} className={styles.raw}>
        <pre>{text.slice(0, most)}</pre>
      </div>
      {text.length > most ? (
        <Button onClick={() => setMost(most + RAW_STEP * 5)}>
          Show more: {bytesText(text.length - most)} left
        </Button>
      ) : null}
    </>
  );
}
