import type { ReactElement } from 'react';

import { HashChip } from '../../ui/HashChip.tsx';
import styles from './Replay.module.css';
import type { Replayed } from './useReplay.ts';

const WORDS = {
  identical: '✓ IDENTICAL',
  different: '✕ DIFFERENT',
  disagreement: '✕ THE TWO VERDICTS DISAGREE',
} as const;

/** The answer, first and large: the service's, which this browser has reached again or not. */
export function ReplayVerdict({ replayed }: { readonly replayed: Replayed }): ReactElement {
  const { report, times, unproved, verdict } = replayed;
  const sign = report.merkleRoot === report.recordedRoot ? '=' : '≠';
  const differing = report.steps.filter((step) => step.mark === 'different');
  const follows = differing.filter((step) => step.role === 'follows').length;
  return (
    <section className={styles.band} data-kind={verdict.kind} role="status" aria-label="Verdict">
      <p className={styles.word}>{WORDS[verdict.kind]}</p>
      <p className={styles.sentence}>
        {verdict.equal} of {verdict.total} steps byte-equal
        {differing.length ? (
          <>
            {' '}
            · begins at {verdict.causes.join(', ')} · {follows}{' '}
            {follows === 1 ? 'step follows' : 'steps follow'}
          </>
        ) : null}
        {times > 1 ? ` · ${String(times)} replays` : null}
      </p>
      <p className={styles.roots}>
        root <HashChip value={report.recordedRoot} label="recorded root" letters={16} />
        <strong>{sign}</strong>
        <HashChip value={report.merkleRoot} label="root of the replay" letters={16} />
      </p>
      {verdict.doubts.length ? (
        <ul className={styles.doubts}>
          {verdict.doubts.map((doubt) => (
            <li key={doubt}>This browser disagrees: {doubt}.</li>
          ))}
        </ul>
      ) : (
        <p className={styles.soft}>
          {unproved === null
            ? 'Reached twice: by the service, and in this browser from the recorded proof.'
            : `Reached in this browser from the hashes alone; the recorded proof cannot be had: ${unproved}`}
        </p>
      )}
    </section>
  );
}
