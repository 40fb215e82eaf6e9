import type { ReactElement } from 'react';

import type { FailedProof, ReviewTicket } from '../../api/types.ts';
import { Facts, Panel } from '../../ui/Panel.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import styles from './Case.module.css';
import { capital, facts, isDenial, phaseWords, reviewWords, verdictWords, workedOut } from './words.ts';

/** The step, who denied it and why: in words, and in numbers that can be followed. */
export function WhatFailed({ review }: { readonly review: ReviewTicket }): ReactElement {
  return (
    <Panel title={isDenial(review) ? 'What failed' : 'What is asked'}>
      <p className={styles.where}>
        <strong>{review.failedStep}</strong> · {phaseWords(review.requirement)}
      </p>
      {review.evidence.length ? (
        <ul className={styles.proofs}>
          {review.evidence.map((proof) => (
            <li key={proof.prover}>
              <Verdict proof={proof} />
            </li>
          ))}
        </ul>
      ) : (
        <p className={styles.sentence}>{reviewWords(review)}.</p>
      )}
      {review.shown === null ? null : (
        <>
          <h3>What the step was given</h3>
          <pre className={styles.json}>{JSON.stringify(review.shown, null, 2)}</pre>
        </>
      )}
    </Panel>
  );
}

function Verdict({ proof }: { readonly proof: FailedProof }): ReactElement {
  const again = workedOut(proof);
  const word = proof.result === 'fail' ? 'denies' : 'cannot say';
  return (
    <div className={styles.proof}>
      <div className={styles.line}>
        <StatusBadge look={{ glyph: proof.result === 'fail' ? '✕' : '!', word, tone: 'bad' }} />
        <code>{proof.prover}</code>
      </div>
      <p className={styles.sentence}>{capital(verdictWords(proof))}.</p>
      {again ? (
        <p className={styles.again}>
          <code>{again.text}</code> {again.holds ? 'holds' : 'does not hold'}, worked out here
        </p>
      ) : null}
      {proof.evidence === undefined ? (
        <p className={styles.soft}>You may not read the evidence itself.</p>
      ) : (
        <details className={styles.more} open>
          <summary>Evidence as recorded · {proof.reason}</summary>
          <Facts items={facts(proof.evidence)} />
        </details>
      )}
    </div>
  );
}
