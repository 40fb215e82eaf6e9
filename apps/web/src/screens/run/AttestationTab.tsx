import type { ReactElement } from 'react';

import type { StepDetail } from '../../api/types.ts';
import { HashChip } from '../../ui/HashChip.tsx';
import { JsonView } from '../../ui/JsonView.tsx';
import { Facts } from '../../ui/Panel.tsx';
import { EmptyState } from '../../ui/States.tsx';
import styles from './StepPanel.module.css';

/** What is signed of the step, by which key, and what was observed beside it. */
export function AttestationTab({ detail }: { readonly detail: StepDetail }): ReactElement {
  const { attestation } = detail;
  if (!attestation) {
    return (
      <EmptyState title="Not signed yet">
        A step is sealed after it has ended, in the order of the plan.
      </EmptyState>
    );
  }
  return (
    <div className={styles.proofs}>
      <Facts
        items={[
          ['Key', <HashChip key="key" value={attestation.keyid} label="key id" letters={24} />],
          [
            'Hash',
            <HashChip key="hash" value={attestation.attestationHash} label="attestation hash" letters={24} />,
          ],
          [
            'Signature',
            <HashChip key="signature" value={attestation.signature} label="signature" letters={24} />,
          ],
        ]}
      />
      <h3>Signed</h3>
      <JsonView label="What is signed" value={attestation.core} />
      <h3>Observed, and not signed</h3>
      <JsonView label="What was observed" value={attestation.observed} />
    </div>
  );
}
