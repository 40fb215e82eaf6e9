import type { ReactElement, ReactNode } from 'react';

import type { Report } from '../../proof/report.ts';
import { classes } from '../../ui/classes.ts';
import { span } from '../../ui/time.ts';
import { countsOf, WORDS, type Verdict } from '../../verify/verdict.ts';
import styles from './VerdictBand.module.css';

interface Props {
  readonly report: Report;
  readonly verdict: Verdict;
  readonly milliseconds: number;
  readonly keys: string;
  /** What the expected digest is the digest of; empty when none was expected. */
  readonly pinnedTo: string;
  readonly actions: ReactNode;
}

/** The verdict, in words first. Less than everything never looks like everything. */
export function VerdictBand({ report, verdict, milliseconds, keys, pinnedTo, actions }: Props): ReactElement {
  const isPart = verdict.word === 'holds' && verdict.unchecked.length > 0;
  const look = isPart ? 'part' : verdict.word;
  return (
    <section className={classes(styles.band, styles[look])} aria-label="Verdict">
      <span aria-hidden="true" className={styles.glyph}>
        {GLYPHS[look]}
      </span>
      <div className={styles.words} role="status">
        <h2 className={styles.word}>{WORDS[verdict.word]}</h2>
        <p className={styles.why}>
          {isPart
            ? `As far as the profile “${report.profile}” asks: ${String(verdict.unchecked.length)} checks were not done.`
            : verdict.why}
        </p>
        {pinnedTo ? <p>It is the one you expected: the digest is that of {pinnedTo}.</p> : null}
        <p className={styles.counts}>
          {countsOf(report)} · {span(milliseconds)} · {keys}
        </p>
      </div>
      <div className={styles.actions}>{actions}</div>
    </section>
  );
}

const GLYPHS = {
  holds: '✓',
  part: '◐',
  'signer-unknown': '?',
  'does-not-hold': '✕',
  'cannot-be-checked': '⊘',
} as const;
