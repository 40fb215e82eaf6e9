import type { ReactElement } from 'react';

import type { Rehearsal as Told, RehearsedStep } from '../../api/types.ts';
import { Panel } from '../../ui/Panel.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { touched } from './templateFacts.ts';
import styles from './Rehearsal.module.css';

/** What a dry run found: nothing was recorded, and no step acted. */
export function Rehearsal({ told }: { readonly told: Told }): ReactElement {
  const stops = told.problems.length + told.denied.length;
  return (
    <Panel title={stops ? 'Dry run: it would not get through' : 'Dry run: nothing stands against it'}>
      <div className={styles.body}>
        {told.problems.map((problem, index) => (
          <p key={index} className={styles.bad}>
            <code>{problem.pointer || problem.in}</code> {problem.message}
          </p>
        ))}
        <ol className={styles.steps}>
          {told.steps.map((step) => (
            <Step key={step.stepId} step={step} denied={told.denied.includes(step.stepId)} />
          ))}
        </ol>
        <p className={styles.soft}>
          Provers that need a step&apos;s results are asked when it runs. Plan{' '}
          <HashChip value={told.planDigest} label="plan digest" />
        </p>
      </div>
    </Panel>
  );
}

function Step({ step, denied }: { readonly step: RehearsedStep; readonly denied: boolean }): ReactElement {
  const against = step.preconditions.filter((proof) => proof.result === 'fail' || proof.result === 'error');
  return (
    <li>
      <code>{step.stepId}</code> <span className={styles.soft}>{step.type}</span>
      {step.touches ? <span className={styles.effect}>{touched(step.touches)}</span> : null}
      {step.approvals.map((item) => (
        <span key={item.requirement} className={styles.people}>
          asks {item.quorum} of {[...item.assignedTo, ...item.groups].join(', ') || 'those who may decide'}
        </span>
      ))}
      {denied
        ? against.map((proof) => (
            <span key={proof.prover} className={styles.bad}>
              {proof.prover} denies it: {proof.reason}
            </span>
          ))
        : null}
    </li>
  );
}
