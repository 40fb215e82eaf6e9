import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';

import { valueQuery } from '../../api/queries.ts';
import type { ExecutionStatus, StepDetail } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { bytesText, isTold, type Told } from '../../ui/jsonTree.ts';
import { JsonView, RawText } from '../../ui/JsonView.tsx';
import { Region } from '../../ui/Region.tsx';
import { EmptyState } from '../../ui/States.tsx';
import styles from './StepPanel.module.css';

interface Props {
  readonly status: ExecutionStatus;
  readonly detail: StepDetail;
  readonly section: 'inputs' | 'outputs';
}

const WORDS = { inputs: 'Input', outputs: 'Output' } as const;

/** What went in or came out, for those who may read it. A large value is told by its digest and size first. */
export function ValueTab({ status, detail, section }: Props): ReactElement {
  const value = detail[section];
  if (!(section in detail)) {
    const right = status.actions.find((action) => action.name === 'values');
    return (
      <EmptyState title="You may not read values">
        {right?.reason ? <p>It {right.reason}.</p> : null}
        <p>Proofs and attestations can still be seen, and the proof be verified.</p>
      </EmptyState>
    );
  }
  if (section === 'outputs' && detail.outcome === null) {
    return <EmptyState title="Nothing has come out yet">It is shown when the step has ended.</EmptyState>;
  }
  if (isTold(value)) {
    return (
      <LargeValue executionId={status.executionId} stepId={detail.stepId} section={section} told={value} />
    );
  }
  return <JsonView label={WORDS[section]} value={value} />;
}

interface LargeProps {
  readonly executionId: string;
  readonly stepId: string;
  readonly section: 'inputs' | 'outputs';
  readonly told: Told;
}

const FIRST = 64 * 1024;
/** As much as can be looked into as a tree without the page standing still. */
const MOST = 8 * 1024 * 1024;

function LargeValue({ executionId, stepId, section, told }: LargeProps): ReactElement {
  const [most, setMost] = useState(0);
  return (
    <div className={styles.told}>
      <p>
        {WORDS[section]} of {bytesText(told.size)}{' '}
        <HashChip value={told.$digest} label="digest" letters={16} />
      </p>
      <span className={styles.line}>
        {most < FIRST ? <Button onClick={() => setMost(FIRST)}>Show the first 64 KiB</Button> : null}
        {most < told.size && most < MOST ? (
          <Button onClick={() => setMost(MOST)}>
            {told.size <= MOST ? 'Fetch all of it' : `Fetch the first ${bytesText(MOST)}`}
          </Button>
        ) : null}
      </span>
      {most > 0 ? <Fetched {...{ executionId, stepId, section, most }} /> : null}
    </div>
  );
}

function Fetched({
  executionId,
  stepId,
  section,
  most,
}: Omit<LargeProps, 'told'> & { readonly most: number }): ReactElement {
  const query = useQuery(valueQuery(executionId, section, stepId, most));
  return (
    <Region query={query} rows={4}>
      {({ text, whole }) =>
        whole ? (
          <JsonView label={WORDS[section]} value={JSON.parse(text) as unknown} />
        ) : (
          <RawText label={WORDS[section]} text={text} />
        )
      }
    </Region>
  );
}
