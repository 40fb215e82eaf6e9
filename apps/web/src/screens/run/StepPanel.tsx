import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, type ReactElement } from 'react';

import { stepQuery } from '../../api/queries.ts';
import type { ExecutionStatus, StepDetail, StepStatus } from '../../api/types.ts';
import { STEP_TABS } from '../../search.ts';
import { JsonView } from '../../ui/JsonView.tsx';
import { Region } from '../../ui/Region.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { stepLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { Duration } from '../../ui/Time.tsx';
import { AttemptsTab } from './AttemptsTab.tsx';
import { AttestationTab } from './AttestationTab.tsx';
import { LogPanel } from './log/LogPanel.tsx';
import { ProversTab } from './ProversTab.tsx';
import styles from './StepPanel.module.css';
import { useRunAddress } from './useRunAddress.ts';
import { ValueTab } from './ValueTab.tsx';

interface Props {
  readonly status: ExecutionStatus;
  readonly stepId: string | undefined;
}

type Tab = (typeof STEP_TABS)[number];

const LABELS: Readonly<Record<Tab, string>> = {
  output: 'Output',
  input: 'Input',
  provers: 'Provers',
  attempts: 'Attempts',
  logs: 'Logs',
  attestation: 'Attestation',
  definition: 'Definition',
};

/** What is known of the chosen step. */
export function StepPanel({ status, stepId }: Props): ReactElement {
  const step = status.steps.find((one) => one.stepId === stepId);
  const id = useId();
  if (stepId === undefined) {
    return (
      <EmptyState title="No step chosen">
        Choose a step to see what went in, what came out and what is proved of it.
      </EmptyState>
    );
  }
  if (!step) {
    return <EmptyState title={`There is no step ${stepId}`}>Choose one in the tree of steps.</EmptyState>;
  }
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <StepHead step={step} id={id} />
      <StepTabs key={stepId} status={status} stepId={stepId} />
    </section>
  );
}

function StepHead({ step, id }: { readonly step: StepStatus; readonly id: string }): ReactElement {
  return (
    <header className={styles.head}>
      <h2 id={id}>{step.stepId}</h2>
      <StatusBadge look={stepLook(step)} />
      {step.type ? <code>{step.type}</code> : null}
      {step.startedAt && step.attempts ? <Duration from={step.startedAt} to={step.endedAt} /> : null}
      {step.items ? <span>{step.items} items</span> : null}
      {step.children?.map((child) => (
        <Link key={child} to="/executions/$executionId" params={{ executionId: child }}>
          {child}
        </Link>
      ))}
      {step.description ? <p className={styles.about}>{step.description}</p> : null}
      {step.blockedBy ? (
        <p className={styles.bad}>
          {step.blockedBy.prover}: {step.blockedBy.result}, {step.blockedBy.reason}
        </p>
      ) : null}
      {step.error ? (
        <p className={styles.bad}>
          {step.error.message} <code>{step.error.code}</code>
        </p>
      ) : null}
    </header>
  );
}

function StepTabs({
  status,
  stepId,
}: {
  readonly status: ExecutionStatus;
  readonly stepId: string;
}): ReactElement {
  const { search, change } = useRunAddress();
  const query = useQuery(stepQuery(status.executionId, stepId));
  const tab = search.tab ?? 'output';
  const detail = query.data;
  const proofs = detail ? detail.preconditions.length + detail.postconditions.length : 0;
  const counts: Partial<Record<Tab, number>> = { provers: proofs, attempts: detail?.attempts.length ?? 0 };
  return (
    <div className={styles.tabs}>
      <Tabs
        label="Step"
        tabs={STEP_TABS.map((name) => ({
          id: name,
          label: counts[name] ? `${LABELS[name]} ${String(counts[name])}` : LABELS[name],
        }))}
        selected={tab}
        onSelect={(name) => change({ tab: name === 'output' ? undefined : name })}
      >
        <Region query={query} rows={5}>
          {(found) => <TabBody status={status} detail={found} tab={tab} />}
        </Region>
      </Tabs>
    </div>
  );
}

interface BodyProps {
  readonly status: ExecutionStatus;
  readonly detail: StepDetail;
  readonly tab: Tab;
}

function TabBody({ status, detail, tab }: BodyProps): ReactElement {
  switch (tab) {
    case 'output':
      return <ValueTab status={status} detail={detail} section="outputs" />;
    case 'input':
      return <ValueTab status={status} detail={detail} section="inputs" />;
    case 'provers':
      return <ProversTab detail={detail} />;
    case 'attempts':
      return <AttemptsTab detail={detail} />;
    case 'logs':
      return <LogPanel status={status} stepId={detail.stepId} />;
    case 'attestation':
      return <AttestationTab detail={detail} />;
    case 'definition':
      return <JsonView label="Definition" value={detail.definition} />;
  }
}
