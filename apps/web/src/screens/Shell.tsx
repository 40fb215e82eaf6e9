import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { BookOpen, FileCheck2, Gavel, ListTree, ScrollText, Settings2 } from 'lucide-react';
import { lazy, Suspense, useState, type ReactElement } from 'react';

import { Problem } from '../api/problem.ts';
import { meQuery, reviewsQuery } from '../api/queries.ts';
import type { Me } from '../api/types.ts';
import { useAction } from '../keys/useAction.ts';
import { useShortcuts } from '../keys/useShortcuts.ts';
import { useLive } from '../live/useLive.ts';
import { Region } from '../ui/Region.tsx';
import { LiveIndicator } from './LiveIndicator.tsx';
import { SignedOut } from './SignedOut.tsx';
import styles from './Shell.module.css';

const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));

const PLACES = [
  { to: '/runbooks', label: 'Runbooks', keys: 'g b', Icon: BookOpen },
  { to: '/executions', label: 'Executions', keys: 'g e', Icon: ListTree },
  { to: '/review', label: 'Review', keys: 'g r', Icon: Gavel },
  { to: '/verify', label: 'Verify', keys: 'g v', Icon: FileCheck2 },
  { to: '/audit', label: 'Audit', keys: 'g a', Icon: ScrollText },
  { to: '/settings', label: 'Settings', keys: 'g s', Icon: Settings2 },
] as const;

/** The frame of all pages: where one can go, whether it is live, and who is signed in. Proofs can be verified by anybody. */
export function Shell(): ReactElement {
  const me = useQuery(meQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const signedOut = me.error instanceof Problem && me.error.status === 401;
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        Skip to the content
      </a>
      <Rail me={me.data} />
      <div className={styles.column}>
        <TopBar me={me.data} />
        <main id="content" className={styles.content} tabIndex={-1}>
          {path === '/verify' ? (
            <Outlet />
          ) : signedOut ? (
            <SignedOut />
          ) : (
            <Region query={me}>{() => <SignedIn />}</Region>
          )}
        </main>
      </div>
    </div>
  );
}

function SignedIn(): ReactElement {
  useLive();
  return <Outlet />;
}

function Rail({ me }: { readonly me: Me | undefined }): ReactElement {
  const reviews = useQuery({ ...reviewsQuery, enabled: me !== undefined });
  const open = reviews.data?.filter((review) => review.state === 'open').length ?? 0;
  return (
    <nav className={styles.rail} aria-label="Main">
      <Link to="/runbooks" className={styles.brand}>
        <img src="/console/mark.svg" alt="" width={24} height={24} />
        <span>Runbooks</span>
      </Link>
      {PLACES.map(({ to, label, Icon }) => (
        <Link key={to} to={to} className={styles.place} activeProps={{ 'aria-current': 'page' }}>
          <Icon size={17} aria-hidden="true" />
          <span className={styles.label}>{label}</span>
          {to === '/review' && open > 0 ? (
            <span className={styles.count}>
              {open}
              <span className="visually-hidden"> open</span>
            </span>
          ) : null}
        </Link>
      ))}
    </nav>
  );
}

function TopBar({ me }: { readonly me: Me | undefined }): ReactElement {
  const [palette, setPalette] = useState<'commands' | 'help' | null>(null);
  useShortcuts();
  useAction({
    id: 'palette',
    label: 'Search and commands',
    section: 'Help',
    keys: 'mod+k',
    perform: () => setPalette('commands'),
  });
  useAction({
    id: 'help',
    label: 'Keyboard shortcuts',
    section: 'Help',
    keys: '?',
    perform: () => setPalette('help'),
  });
  return (
    <header className={styles.bar}>
      {PLACES.map((place) => (
        <GoTo key={place.to} to={place.to} label={place.label} keys={place.keys} />
      ))}
      <button type="button" className={styles.search} onClick={() => setPalette('commands')}>
        <span>Search or run a command</span> <kbd aria-hidden="true">⌘K</kbd>
      </button>
      <LiveIndicator />
      {me ? (
        <Link to="/settings" className={styles.who} title={me.roles?.join(', ')}>
          {me.subject}
        </Link>
      ) : null}
      {palette ? (
        <Suspense>
          <Palette help={palette === 'help'} onClose={() => setPalette(null)} />
        </Suspense>
      ) : null}
    </header>
  );
}

function GoTo({
  to,
  label,
  keys,
}: {
  readonly to: (typeof PLACES)[number]['to'];
  readonly label: string;
  readonly keys: string;
}): null {
  const navigate = useNavigate();
  useAction({ id: `go-${to}`, label, section: 'Go to', keys, perform: () => void navigate({ to }) });
  return null;
}
