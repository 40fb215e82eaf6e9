import type { ReactElement } from 'react';

import { classes } from './classes.ts';
import type { Look } from './status.ts';
import styles from './StatusBadge.module.css';
import tones from './tones.module.css';

/** Shape, word and colour of where something stands. */
export function StatusBadge({ look }: { readonly look: Look }): ReactElement {
  return (
    <span className={classes(styles.badge, tones[look.tone])}>
      <span aria-hidden="true" className={styles.glyph}>
        {look.glyph}
      </span>
      <span>{look.word}</span>
    </span>
  );
}
