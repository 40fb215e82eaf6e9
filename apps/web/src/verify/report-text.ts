/** A verification as a text to keep and as JSON. Pure. */

import type { Report } from '../proof/report.ts';
import { countsOf, LABELS, STATUS_LOOKS, WORDS, type Verdict } from './verdict.ts';

/** What was verified, with what, when. */
export interface Circumstances {
  readonly file: string;
  readonly fileDigest: string;
  readonly keys: string;
  readonly at: string;
  readonly milliseconds: number;
}

/** What no proof shows, whatever its verdict. */
export const NOT_SHOWN = [
  'that the keys belong to who you think',
  'that the step did the right thing',
  'that times are true without a time-stamp',
  'that no other runs exist',
] as const;

const MOST_FINDINGS = 20;

export function reportText(report: Report, verdict: Verdict, about: Circumstances): string {
  const facts = report.facts
    ? [
        `Runbook     ${report.facts.runbookId} ${report.facts.version}`,
        `Execution   ${report.facts.executionId}: ${report.facts.outcome}`,
        `Executed    ${report.facts.executedAt} by ${report.facts.executedBy}`,
        `Merkle root ${report.facts.merkleRoot}`,
        `Manifest    ${report.facts.manifestHash}`,
      ]
    : [];
  const lines = [
    WORDS[verdict.word].toUpperCase(),
    verdict.why,
    countsOf(report),
    '',
    `File        ${about.file}`,
    `            ${about.fileDigest}`,
    `Keys        ${about.keys}`,
    `Profile     ${report.profile}`,
    `Verified    ${about.at}, in ${String(Math.round(about.milliseconds))} ms`,
    ...facts,
    '',
    ...report.checks.flatMap(checkLines),
    ...listed('Decisions of people', report.decisions),
    ...listed(
      'Not checked',
      verdict.unchecked.map(({ name, why }) => `${LABELS[name].name}: ${why}`),
    ),
    ...listed('Notes', report.notes),
    ...listed('This does NOT show', NOT_SHOWN),
  ];
  return `${lines.join('\n')}\n`;
}

export function reportJson(report: Report, verdict: Verdict, about: Circumstances): string {
  return `${JSON.stringify({ verdict: verdict.word, ...about, report }, null, 2)}\n`;
}

function checkLines(check: Report['checks'][number]): string[] {
  const look = STATUS_LOOKS[check.status];
  const shown = check.findings.slice(0, MOST_FINDINGS).map((item) => `    ${item.where}: ${item.message}`);
  const more = check.findings.length - shown.length;
  const note = check.note ? ` (${check.note})` : '';
  return [
    `${look.glyph} ${LABELS[check.name].name}: ${look.word}${note}`,
    ...shown,
    ...(more > 0 ? [`    and ${String(more)} more`] : []),
  ];
}

function listed(title: string, items: readonly string[]): string[] {
  return items.length ? ['', `${title}:`, ...items.map((item) => `- ${item}`)] : [];
}
