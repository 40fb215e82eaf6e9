import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactElement } from 'react';

import { signIn } from '../api/mutations.ts';
import { keys } from '../api/queries.ts';
import { ProblemPanel, Skeleton } from '../ui/States.tsx';
import styles from './SignIn.module.css';
import { SignedOut } from './SignedOut.tsx';

/** Where the link of `runbooks serve` leads: its code is behind the #, so no server and no log has seen it. */
export function SignIn(): ReactElement {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const [code] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('code'));
  const sent = useRef(false);
  useEffect(() => {
    if (code === null || sent.current) return;
    sent.current = true; // a code can be used once, and effects can run twice
    signIn(code)
      .then(async () => {
        client.removeQueries({ queryKey: keys.me });
        await navigate({ to: '/runbooks', replace: true });
      })
      .catch((reason: unknown) => {
        window.history.replaceState(null, '', window.location.pathname);
        setError(reason);
      });
  }, [client, code, navigate]);
  return (
    <main className={styles.page}>
      {code === null ? <SignedOut /> : error === null ? <Skeleton rows={3} /> : <Refused error={error} />}
    </main>
  );
}

function Refused({ error }: { readonly error: unknown }): ReactElement {
  return (
    <>
      <h1>This link does not sign you in</h1>
      <ProblemPanel error={error} />
      <p>
        A link works once, for a short time. Get another one with <code>runbooks sign-in</code>.
      </p>
    </>
  );
}
