import type { ReactElement } from 'react';

import { classes } from './classes.ts';
import type { Look } from './status.ts';
import styles from './StatusBadge.module.css';

/** Shape, word and colour of where something stands. `glyphOnly` keeps the word for those who hear the page. */
export function StatusBadge({
  look,
  glyphOnly = false,
}: {
  readonly look: Look;
  readonly glyphOnly?: boolean;
}): ReactElement {
  return (
    <span className={classes(styles.badge, styles[look.tone], glyphOnly && styles.alone)}>
      <span aria-hidden="true" className={styles.glyph}>
        {look.glyph}
      </span>
      <span className={glyphOnly ? 'visually-hidden' : undefined}>{look.word}</span>
    </span>
  );
}
