import type { ReactElement, ReactNode } from 'react';

import type { Report } from '../../proof/report.ts';
import { Facts, Panel } from '../../ui/Panel.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { executionLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { absolute } from '../../ui/time.ts';
import { usePreferences } from '../../ui/preferences.ts';
import { digestFrom, pinned } from '../../verify/pin.ts';
import { commandOf, type Question } from '../../verify/question.ts';
import { NOT_SHOWN, reportJson, reportText } from '../../verify/report-text.ts';
import { LABELS, verdictOf, type Verdict } from '../../verify/verdict.ts';
import { Checks } from './Checks.tsx';
import { ReportActions } from './ReportActions.tsx';
import styles from './Result.module.css';
import { VerdictBand } from './VerdictBand.tsx';

interface Props {
  readonly question: Question;
  readonly report: Report;
  readonly milliseconds: number;
  readonly at: string;
  readonly keys: string;
  readonly expected: string;
  /** What was asked, to be asked otherwise. */
  readonly children: ReactNode;
}

/** What a verification found: the verdict, what the file says of itself, each check, and what no proof shows. */
export function Result({
  question,
  report,
  milliseconds,
  at,
  keys,
  expected,
  children,
}: Props): ReactElement {
  const { head } = question;
  const pin = pinned(digestFrom(expected), head.digest, report.facts);
  const verdict = verdictOf(report, pin.wrong);
  const about = { file: head.name, fileDigest: head.digest, keys, at, milliseconds };
  return (
    <div className={styles.result}>
      <VerdictBand
        report={report}
        verdict={verdict}
        milliseconds={milliseconds}
        keys={keys}
        pinnedTo={pin.of}
        actions={
          <ReportActions
            name={head.name}
            text={() => reportText(report, verdict, about)}
            json={() => reportJson(report, verdict, about)}
          />
        }
      />
      <div className={styles.columns}>
        <div className={styles.main}>
          <Checks checks={report.checks} />
        </div>
        <div className={styles.aside}>
          {report.facts ? <Said report={report} holds={verdict.word === 'holds'} /> : null}
          <Unchecked verdict={verdict} command={commandOf(question)} />
          <Lines title="Decisions of people" lines={report.decisions} more={report.ending} />
          <Lines title="Files of exports" lines={report.artifacts} />
          <Lines title="Not at hand" lines={report.notes} />
          {children}
        </div>
      </div>
      <section className={styles.limits} aria-labelledby="not-shown">
        <h2 id="not-shown">This does NOT show</h2>
        <ul>
          {NOT_SHOWN.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function Said({ report, holds }: { readonly report: Report; readonly holds: boolean }): ReactElement | null {
  const { facts } = report;
  const { zone } = usePreferences();
  if (!facts) return null;
  const look = executionLook(facts.outcome);
  return (
    <Panel title={holds ? 'What it proves to be' : 'What the file says of itself, unproven'}>
      <Facts
        items={[
          ['Runbook', `${facts.runbookId} ${facts.version}`],
          ['Execution', <code key="id">{facts.executionId}</code>],
          // A green tick is for what was proved.
          ['Outcome', holds ? <StatusBadge key="outcome" look={look} /> : look.word],
          ['Executed by', facts.executedBy],
          [
            'Executed at',
            <time key="at" dateTime={facts.executedAt}>
              {absolute(facts.executedAt, zone)}
            </time>,
          ],
          ['Merkle root', <HashChip key="root" value={facts.merkleRoot} label="Merkle root" letters={16} />],
          ['Manifest', <HashChip key="hash" value={facts.manifestHash} label="manifest hash" letters={16} />],
        ]}
      />
    </Panel>
  );
}

function Unchecked({
  verdict,
  command,
}: {
  readonly verdict: Verdict;
  readonly command: string;
}): ReactElement | null {
  if (!verdict.unchecked.length) return null;
  return (
    <Panel title="Not checked, and why">
      <ul className={styles.lines}>
        {verdict.unchecked.map(({ name, why }) => (
          <li key={name}>
            <strong>{LABELS[name].name}</strong> {why}
          </li>
        ))}
      </ul>
      {verdict.needsSql ? (
        <div className={styles.command}>
          <p>
            Some of this SQL is not computed again in a browser. The verifier on the command line does it:
          </p>
          <pre className={styles.code}>
            <code>{command}</code>
          </pre>
        </div>
      ) : null}
    </Panel>
  );
}

function Lines({
  title,
  lines,
  more = '',
}: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly more?: string;
}): ReactElement | null {
  if (!lines.length) return null;
  return (
    <Panel title={title}>
      <ul className={styles.lines}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {more ? <p className={styles.ending}>{more}</p> : null}
    </Panel>
  );
}
