import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { stepQuery } from '../../api/queries.ts';
import type { ReviewTicket } from '../../api/types.ts';
import { CASE_TABS } from '../../search.ts';
import { Facts } from '../../ui/Panel.tsx';
import { Region } from '../../ui/Region.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { stepLook } from '../../ui/status.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { CaseTimeline } from './CaseTimeline.tsx';
import { ProofOfBlock } from './ProofOfBlock.tsx';
import styles from './Case.module.css';
import type { BlockProof } from './useBlockProof.ts';

const LABELS = { evidence: 'Evidence', timeline: 'Timeline', step: 'Step' } as const;

export function CaseTabs({
  review,
  proof,
}: {
  readonly review: ReviewTicket;
  readonly proof: BlockProof;
}): ReactElement {
  const { tab = 'evidence' } = useSearch({ from: '/shell/review/$reviewId' });
  const navigate = useNavigate({ from: '/review/$reviewId' });
  return (
    <Tabs
      label="About this case"
      tabs={CASE_TABS.map((id) => ({ id, label: LABELS[id] }))}
      selected={tab}
      onSelect={(id) => void navigate({ search: id === 'evidence' ? {} : { tab: id }, replace: true })}
    >
      {tab === 'evidence' ? <ProofOfBlock proof={proof} executionId={review.executionId} /> : null}
      {tab === 'timeline' ? <CaseTimeline review={review} /> : null}
      {tab === 'step' ? <Step review={review} /> : null}
    </Tabs>
  );
}

function Step({ review }: { readonly review: ReviewTicket }): ReactElement {
  const step = useQuery(stepQuery(review.executionId, review.failedStep));
  return (
    <Region query={step}>
      {(detail) => (
        <div className={styles.stack}>
          <Facts
            items={[
              ['Step', <code key="id">{detail.stepId}</code>],
              ['Type', detail.type],
              ['What for', detail.description || '–'],
              ['Depends on', detail.dependsOn.join(', ') || 'nothing'],
              ['State', <StatusBadge key="state" look={stepLook(detail)} />],
              ['Attempts', String(detail.attempts.length)],
            ]}
          />
          <Json title="Definition" value={detail.definition} />
          {'inputs' in detail ? <Json title="Inputs" value={detail.inputs} /> : null}
          {'outputs' in detail ? <Json title="Outputs" value={detail.outputs} /> : null}
        </div>
      )}
    </Region>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }): ReactElement {
  return (
    <details className={styles.more}>
      <summary>{title}</summary>
      <pre className={styles.json}>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
