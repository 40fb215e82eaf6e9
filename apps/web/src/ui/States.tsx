/** What a region shows when it has nothing to show: it loads, it is empty, or something is wrong. */

import { useEffect, useState, type ReactElement, type ReactNode } from 'react';

import { Problem, Unreachable } from '../api/problem.ts';
import { Button } from './Button.tsx';
import styles from './States.module.css';

export function EmptyState({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children}
    </div>
  );
}

/** After 150 ms only: what is quick does not flicker. `rows` keeps the size of what comes. */
export function Skeleton({ rows = 6 }: { readonly rows?: number }): ReactElement {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles.skeleton} role="status" aria-label="Loading">
      {shown ? Array.from({ length: rows }, (_, row) => <div key={row} className={styles.bar} />) : null}
    </div>
  );
}

/** A plain sentence, the code and the number of the request, and a way to try again. */
export function ProblemPanel({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: () => void;
}): ReactElement {
  const { title, text } = explained(error);
  return (
    <div className={styles.problem} role="alert">
      <p className={styles.title}>{title}</p>
      <p>{text}</p>
      {error instanceof Problem ? (
        <p className={styles.facts}>
          <code>{error.code}</code>
          {error.requestId ? <> · request {error.requestId}</> : null}
        </p>
      ) : null}
      {error instanceof Problem && error.faults.length ? (
        <ul className={styles.faults}>
          {error.faults.map((fault, index) => (
            <li key={index}>
              {fault.pointer ? <code>{fault.pointer}</code> : null} {fault.message}
            </li>
          ))}
        </ul>
      ) : null}
      {retry ? <Button onClick={retry}>Try again</Button> : null}
    </div>
  );
}

function explained(error: unknown): { title: string; text: string } {
  if (error instanceof Unreachable) return { title: 'No connection', text: error.message };
  if (!(error instanceof Problem)) return { title: 'Something went wrong here', text: String(error) };
  const titles: Readonly<Record<number, string>> = {
    401: 'You are not signed in',
    403: 'You may not do this',
    404: 'There is no such thing here',
    409: 'That is not possible now',
    412: 'Somebody was faster',
    422: 'Something in it is not right',
    429: 'Too much at once',
  };
  return { title: titles[error.status] ?? 'The service could not do it', text: error.message };
}
