import { useState, type ReactElement } from 'react';

import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';
import { JsonMembers } from './JsonMembers.tsx';
import { bytesText } from './jsonTree.ts';
import styles from './JsonView.module.css';
import { RawText } from './RawText.tsx';

interface Props {
  readonly label: string;
  readonly value: unknown;
}

/** A JSON value to look into: as a tree, or as text. */
export function JsonView({ label, value }: Props): ReactElement {
  const [raw, setRaw] = useState(false);
  const text = JSON.stringify(value, null, 2) ?? 'null';
  return (
    <div className={styles.view}>
      <div className={styles.tools}>
        <span className={styles.size}>{bytesText(text.length)}</span>
        <span className={styles.ways}>
          <Button kind="quiet" aria-pressed={raw} className={styles.tool} onClick={() => setRaw(!raw)}>
            Raw
          </Button>
          <CopyButton label={label} text={() => text} className={styles.tool} />
        </span>
      </div>
      {raw ? <RawText label={label} text={text} /> : <JsonMembers label={label} value={value} />}
    </div>
  );
}
