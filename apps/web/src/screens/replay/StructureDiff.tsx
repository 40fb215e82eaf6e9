import type { ReactElement } from 'react';

import type { Change } from '../../diff/compare.ts';
import styles from './Replay.module.css';

const MOST = 500;
const SIGNS = { added: '+', removed: '−', changed: '≠', moved: '↷' } as const;

/** Changes by their paths. */
export function StructureDiff({ changes }: { readonly changes: readonly Change[] }): ReactElement {
  return (
    <>
      <ul className={styles.changes}>
        {changes.slice(0, MOST).map((change, index) => (
          <li key={index} data-kind={change.kind}>
            <span className={styles.sign} aria-hidden="true">
              {SIGNS[change.kind]}
            </span>
            <span className="visually-hidden">{change.kind}</span>
            <code className={styles.path}>{pathOf(change)}</code>
            <span className={styles.values}>
              {'before' in change ? <del>{text(change.before)}</del> : null}
              {'now' in change ? <ins>{text(change.now)}</ins> : null}
            </span>
          </li>
        ))}
      </ul>
      {changes.length > MOST ? (
        <p className={styles.soft}>
          The first {MOST} of {changes.length} changes.
        </p>
      ) : null}
    </>
  );
}

function pathOf(change: Change): string {
  if (change.kind === 'moved') return `${change.from} → ${change.to}`;
  return ('to' in change ? change.to : change.from) || 'the whole value';
}

function text(value: unknown): string {
  const whole = JSON.stringify(value);
  return whole.length > 400 ? `${whole.slice(0, 400)}…` : whole;
}
