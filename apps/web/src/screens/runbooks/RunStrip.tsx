import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { ExecutionSummary } from '../../api/types.ts';
import { classes } from '../../ui/classes.ts';
import { executionLook } from '../../ui/status.ts';
import { between } from '../../ui/time.ts';
import styles from './RunStrip.module.css';
import tones from '../../ui/tones.module.css';

const SHOWN = 12;

/** The last executions of one runbook, the newest at the right; each is a link. */
export function RunStrip({ runs }: { readonly runs: readonly ExecutionSummary[] }): ReactElement {
  if (!runs.length) return <span className={styles.none}>never run</span>;
  const newest = runs.slice(0, SHOWN).reverse();
  return (
    <span className={styles.strip} role="group" aria-label={summary(runs.slice(0, SHOWN))}>
      {newest.map((run) => {
        const look = executionLook(run.outcome);
        const took = run.endedAt ? between(run.startedAt, run.endedAt, 0) : 'not ended';
        return (
          <Link
            key={run.executionId}
            to="/executions/$executionId"
            params={{ executionId: run.executionId }}
            className={classes(styles.mark, tones[look.tone])}
            title={`${run.executionId}: ${look.word}, ${took}`}
          >
            <span aria-hidden="true">{look.glyph}</span>
            <span className="visually-hidden">
              {run.executionId}, {look.word}
            </span>
          </Link>
        );
      })}
    </span>
  );
}

function summary(runs: readonly ExecutionSummary[]): string {
  const counts = new Map<string, number>();
  for (const run of runs) {
    const { word } = executionLook(run.outcome);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return `Last ${String(runs.length)}: ${[...counts].map(([word, count]) => `${String(count)} ${word}`).join(', ')}`;
}
