import type { ReactElement } from 'react';

import { classes } from './classes.ts';
import type { Look } from './status.ts';
import styles from './StatusGlyph.module.css';
import tones from './tones.module.css';

/** The shape and colour of a status where there is no room for its word, which is still there for those who listen. */
export function StatusGlyph({ look }: { readonly look: Look }): ReactElement {
  return (
    <span className={classes(styles.glyph, tones[look.tone])} title={look.word}>
      <span aria-hidden="true">{look.glyph}</span>
      <span className="visually-hidden">{look.word}</span>
    </span>
  );
}
