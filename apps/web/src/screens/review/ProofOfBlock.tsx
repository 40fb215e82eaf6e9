import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';

import type { Report } from '../../proof/report.ts';
import { ProblemPanel, Skeleton } from '../../ui/States.tsx';
import { Time } from '../../ui/Time.tsx';
import styles from './Case.module.css';
import { isSound, type BlockProof } from './useBlockProof.ts';

/** What this browser found when it checked the evidence itself. */
export function ProofOfBlock({
  proof,
  executionId,
}: {
  readonly proof: BlockProof;
  readonly executionId: string;
}): ReactElement {
  switch (proof.kind) {
    case 'checking':
      return <Skeleton rows={3} />;
    case 'unavailable':
      return <ProblemPanel error={proof.error} retry={proof.retry} />;
    case 'proof':
      return (
        <Found
          good={isSound(proof)}
          title={isSound(proof) ? 'Proof verified in your browser' : 'The proof does not verify'}
          at={proof.at}
        >
          <Whole report={proof.report} executionId={executionId} />
        </Found>
      );
    case 'seals': {
      const faulty = proof.steps.filter((step) => step.faults.length);
      const number = proof.steps.length;
      return (
        <Found
          good={!faulty.length}
          title={
            faulty.length
              ? 'The sealed steps are not as they were signed'
              : `${String(number)} sealed ${number === 1 ? 'step' : 'steps'} verified in your browser`
          }
          at={proof.at}
        >
          <p>
            There is no proof of the whole run before it has ended. Checked here: hash, signature and chain of
            each step that is sealed{number < proof.sealed ? ` (the first ${String(number)})` : ''}. Not yet
            signed: the step that waits, and that the values shown are those that were sealed.
          </p>
          <ul className={styles.seals}>
            {proof.steps.map((step) => (
              <li key={step.stepId} data-bad={step.faults.length > 0 || undefined}>
                <span aria-hidden="true">{step.faults.length ? '✕' : '✓'}</span> <code>{step.stepId}</code>{' '}
                {step.faults.join('; ')}
              </li>
            ))}
          </ul>
        </Found>
      );
    }
  }
}

function Found({
  good,
  title,
  at,
  children,
}: {
  readonly good: boolean;
  readonly title: string;
  readonly at: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={styles.found} data-good={good}>
      <p className={styles.verdict}>
        <span aria-hidden="true">{good ? '✓' : '✕'}</span> {title}{' '}
        <span className={styles.soft}>
          <Time at={at} />
        </span>
      </p>
      {children}
    </div>
  );
}

function Whole({
  report,
  executionId,
}: {
  readonly report: Report;
  readonly executionId: string;
}): ReactElement {
  const passed = report.checks.filter((check) => check.status === 'pass').length;
  return (
    <>
      <p>
        {report.exitCode === 0
          ? `${String(passed)} checks passed, profile ${report.profile}. ${report.ending}`
          : report.reason}
      </p>
      <ul className={styles.seals}>
        {report.decisions.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className={styles.soft}>
        Root <code className={styles.root}>{report.facts?.merkleRoot ?? 'unknown'}</code> of {executionId}.{' '}
        <Link to="/verify">Verify a file of your own</Link>
      </p>
    </>
  );
}
