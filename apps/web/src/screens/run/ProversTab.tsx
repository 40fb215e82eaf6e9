import type { ReactElement } from 'react';

import type { ProofShown, StepDetail } from '../../api/types.ts';
import { JsonView } from '../../ui/JsonView.tsx';
import { EmptyState } from '../../ui/States.tsx';
import type { Look } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import styles from './StepPanel.module.css';

const LOOKS: Readonly<Record<string, Look>> = {
  pass: { glyph: '✓', word: 'pass', tone: 'good' },
  fail: { glyph: '✕', word: 'fail', tone: 'bad' },
  error: { glyph: '✕', word: 'error', tone: 'bad' },
  skipped: { glyph: '↷', word: 'skipped', tone: 'calm' },
};

/** What each prover said before and after the step, why, and on what evidence. */
export function ProversTab({ detail }: { readonly detail: StepDetail }): ReactElement {
  const { preconditions, postconditions } = detail;
  if (preconditions.length + postconditions.length === 0) {
    return (
      <EmptyState title="Nothing proved">
        {detail.outcome === null
          ? 'No prover has been asked about this step yet.'
          : 'The definition asks no prover about this step.'}
      </EmptyState>
    );
  }
  return (
    <div className={styles.proofs}>
      <Proofs title="Before the step" proofs={preconditions} />
      <Proofs title="After the step" proofs={postconditions} />
    </div>
  );
}

function Proofs({
  title,
  proofs,
}: {
  readonly title: string;
  readonly proofs: readonly ProofShown[];
}): ReactElement | null {
  if (proofs.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      {proofs.map((proof, index) => (
        <div key={index} className={styles.proof}>
          <div className={styles.line}>
            <StatusBadge look={LOOKS[proof.result] ?? { glyph: '·', word: proof.result, tone: 'calm' }} />
            <strong>{proof.prover}</strong>
            <code>{proof.reason}</code>
            {proof.severity ? <span>{proof.severity === 'block' ? 'blocks' : proof.severity}</span> : null}
          </div>
          {proof.evidence === undefined ? (
            <p>The evidence may be read by those who may read values.</p>
          ) : (
            <details>
              <summary>Evidence</summary>
              <JsonView label={`Evidence of ${proof.prover}`} value={proof.evidence} />
            </details>
          )}
        </div>
      ))}
    </>
  );
}
