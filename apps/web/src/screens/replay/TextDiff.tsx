import { useMemo, type ReactElement } from 'react';

import { aligned } from '../../diff/compare.ts';
import styles from './Replay.module.css';

const MOST_LINES = 2000;

/** Both values as text, line beside line; what has no fellow on the other side is marked. */
export function TextDiff({ before, now }: { readonly before: unknown; readonly now: unknown }): ReactElement {
  const [left, right] = useMemo(() => {
    const lines = [before, now].map((value) =>
      JSON.stringify(value, null, 2).split('\n').slice(0, MOST_LINES),
    );
    const [one = [], other = []] = lines;
    const pairs = aligned(one, other);
    const [kept, fellow] = [new Set(pairs.map(([at]) => at)), new Set(pairs.map(([, at]) => at))];
    return [
      one.map((text, at) => ({ text, differs: !kept.has(at) })),
      other.map((text, at) => ({ text, differs: !fellow.has(at) })),
    ] as const;
  }, [before, now]);
  return (
    <div className={styles.split}>
      <Side title="Recorded" lines={left} kind="removed" />
      <Side title="Replay" lines={right} kind="added" />
    </div>
  );
}

function Side({
  title,
  lines,
  kind,
}: {
  readonly title: string;
  readonly lines: readonly { readonly text: string; readonly differs: boolean }[];
  readonly kind: 'added' | 'removed';
}): ReactElement {
  return (
    <div className={styles.side} role="region" aria-label={title} tabIndex={0}>
      <h4>{title}</h4>
      <ol className={styles.lines}>
        {lines.map((line, at) => (
          <li key={at} data-kind={line.differs ? kind : undefined}>
            {line.text}
          </li>
        ))}
      </ol>
    </div>
  );
}
