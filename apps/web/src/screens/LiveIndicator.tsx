import { useEffect, useState, type ReactElement } from 'react';

import { useLineState } from '../live/useLive.ts';
import { span } from '../ui/time.ts';
import styles from './LiveIndicator.module.css';

/** Whether what is shown is as it is now. */
export function LiveIndicator(): ReactElement | null {
  const state = useLineState();
  const [now, setNow] = useState(Date.now);
  const lost = state.kind === 'lost';
  useEffect(() => {
    if (!lost) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [lost]);
  switch (state.kind) {
    case 'live':
      return <Said mark="●" words="Live" kind={styles.live} />;
    case 'lost':
      return (
        <Said
          mark="◌"
          words={`Reconnecting, as of ${span(Math.max(0, now - state.since))} ago`}
          kind={styles.lost}
        />
      );
    case 'refused':
      return <Said mark="⚠" words="Not live: you may not listen" kind={styles.lost} />;
    case 'connecting':
      return null;
  }
}

function Said({
  mark,
  words,
  kind,
}: {
  readonly mark: string;
  readonly words: string;
  readonly kind: string | undefined;
}): ReactElement {
  return (
    <span className={kind}>
      <span aria-hidden="true">{mark}</span> {words}
    </span>
  );
}
