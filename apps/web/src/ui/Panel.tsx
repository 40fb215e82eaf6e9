import { useId, type ReactElement, type ReactNode } from 'react';

import { classes } from './classes.ts';
import styles from './Panel.module.css';

interface Props {
  readonly title?: string;
  readonly actions?: ReactNode;
  /** Without a margin: for tables and lists that reach the edge. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, flush = false, children }: Props): ReactElement {
  const id = useId();
  return (
    <section className={styles.panel} aria-labelledby={title ? id : undefined}>
      {title ? (
        <div className={styles.head}>
          <h2 id={id}>{title}</h2>
          {actions}
        </div>
      ) : null}
      <div className={classes(styles.body, flush && styles.flush)}>{children}</div>
    </section>
  );
}

/** Names and what they are. */
export function Facts({
  items,
}: {
  readonly items: readonly (readonly [string, ReactNode])[];
}): ReactElement {
  return (
    <dl className={styles.facts}>
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
