import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';

import { valueQuery } from '../../api/queries.ts';
import type { ExecutionStatus, StepDetail } from '../../api/types.ts';
import { canonicalText } from '../../proof/json/canonical.ts';
import type { Json } from '../../proof/json/value.ts';
import { Button } from '../../ui/Button.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { bytesText, isTold, type Told } from '../../ui/jsonTree.ts';
import { outlineOf, outlineText } from '../../ui/outline.ts';
import { RawText } from '../../ui/RawText.tsx';
import { Region } from '../../ui/Region.tsx';
import { EmptyState } from '../../ui/States.tsx';
import styles from './StepPanel.module.css';
import { ValueView } from './ValueView.tsx';

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
    return <LargeValue key={value.$digest} {...{ status, detail, section }} told={value} />;
  }
  return (
    <ValueView
      label={WORDS[section]}
      value={value}
      text={canonicalText(value as Json)}
      committed={committed(detail, section)}
    />
  );
}

function committed(detail: StepDetail, section: Props['section']): string | undefined {
  const hash = detail.attestation?.core[section];
  return typeof hash === 'string' ? hash : undefined;
}

interface LargeProps extends Props {
  readonly told: Told;
}

const FIRST = 64 * 1024;
/** What is larger is fetched when somebody wants it. */
const AT_ONCE = 1_000_000;
/** As much as can be looked into as a tree without the page standing still. */
const MOST = 8 * 1024 * 1024;

/** More than 64 KiB. Of more than 1 MB the digest, the size and what it begins with, before it is fetched. */
function LargeValue({ status, detail, section, told }: LargeProps): ReactElement {
  const [most, setMost] = useState(told.size <= AT_ONCE ? told.size : FIRST);
  const query = useQuery(valueQuery(status.executionId, section, detail.stepId, most));
  const label = WORDS[section];
  return (
    <Region query={query} rows={4}>
      {({ text, whole }) =>
        whole ? (
          <ValueView
            label={label}
            value={JSON.parse(text) as unknown}
            text={text}
            told={told.$digest}
            committed={committed(detail, section)}
          />
        ) : (
          <div className={styles.told}>
            <span className={styles.line}>
              {label} of {bytesText(told.size)} <HashChip value={told.$digest} label="digest" letters={16} />
            </span>
            <p>{outlineText(outlineOf(text))}</p>
            {most < MOST ? (
              <Button onClick={() => setMost(MOST)}>
                {told.size <= MOST ? 'Fetch all of it' : `Fetch the first ${bytesText(MOST)}`}
              </Button>
            ) : null}
            <RawText label={`${label}, the first ${bytesText(most)}`} text={text} />
          </div>
        )
      }
    </Region>
  );
}
