import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';

import styles from './Page.module.css';

interface Props {
  readonly title: string;
  /** What the tab says; the title, when left out. */
  readonly tab?: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** One page: one heading, which takes the focus when the page is opened. */
export function Page({ title, tab, lead, actions, children }: Props): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    document.title = `${tab ?? title} · Runbooks`;
  }, [tab, title]);
  return (
    <>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead ? <div className={styles.lead}>{lead}</div> : null}
        </div>
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </header>
      {children}
    </>
  );
}
