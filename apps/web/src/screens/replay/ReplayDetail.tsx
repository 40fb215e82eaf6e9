import { useState, type ReactElement } from 'react';

import type { ReplaySides, ReplayStep } from '../../api/types.ts';
import { HashChip } from '../../ui/HashChip.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import styles from './Replay.module.css';
import { StructureDiff } from './StructureDiff.tsx';
import { TextDiff } from './TextDiff.tsx';
import { compare } from '../../diff/compare.ts';

const LINKS: ReadonlySet<string> = new Set(['dependsOn', 'previousAttestationHash']);

/** One step: its two hashes, and of every section that differs both sides. */
export function ReplayDetail({ step }: { readonly step: ReplayStep }): ReactElement {
  const [view, setView] = useState<'structure' | 'text'>('structure');
  const sections = Object.entries(step.sections);
  return (
    <Panel title={step.stepId}>
      <p className={styles.roots}>
        recorded <HashChip value={step.recordedHash} label="recorded hash" />
        <strong>{step.mark === 'equal' ? '=' : '≠'}</strong>
        replay <HashChip value={step.hash} label="hash of the replay" />
      </p>
      <p className={styles.why}>{sentence(step)}</p>
      {sections.length ? (
        <Tabs
          label="How the difference is shown"
          tabs={[
            { id: 'structure', label: 'Structure' },
            { id: 'text', label: 'Side by side' },
          ]}
          selected={view}
          onSelect={setView}
        >
          {sections.map(([name, sides]) => (
            <section key={name} className={styles.section}>
              <h3>{name}</h3>
              <Section sides={sides} view={view} />
            </section>
          ))}
        </Tabs>
      ) : null}
    </Panel>
  );
}

function Section({
  sides,
  view,
}: {
  readonly sides: ReplaySides;
  readonly view: 'structure' | 'text';
}): ReactElement {
  if (!sides.isKnown)
    return (
      <>
        <p className={styles.warn}>
          The record no longer holds the value that was sealed: something changed it afterwards. The sealed
          one is known by its hash alone. What stands in its place now:
        </p>
        {'again' in sides ? (
          <pre className={styles.json}>{JSON.stringify(sides.again, null, 2)}</pre>
        ) : (
          <p className={styles.soft}>You may not read values.</p>
        )}
      </>
    );
  if (!('again' in sides)) return <p className={styles.soft}>You may not read values; the hashes differ.</p>;
  const changes = compare(sides.recorded, sides.again);
  if (!changes.length)
    return <p className={styles.warn}>Same value, other bytes: and the bytes are what is signed.</p>;
  return view === 'structure' ? (
    <StructureDiff changes={changes} />
  ) : (
    <TextDiff before={sides.recorded} now={sides.again} />
  );
}

function sentence(step: ReplayStep): string {
  const own = step.members.filter((name) => !LINKS.has(name));
  switch (step.mark) {
    case 'equal':
      return step.grade === 'recomputed'
        ? 'Computed again from its inputs, to the same bytes.'
        : 'Played from the record, to the same bytes.';
    case 'linked':
      return 'Everything of its own is byte-equal. Its hash is another one because it names a step before it that differs.';
    case 'different':
      return step.role === 'cause'
        ? `It differs in ${own.join(', ')}, and nothing before it explains that: this is where it begins.`
        : `It differs in ${own.join(', ')}, because a step before it gave something else.`;
  }
}
