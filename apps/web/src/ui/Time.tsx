import type { ReactElement } from 'react';

import { usePreferences } from './preferences.ts';
import { absolute, between, brief, clock, span } from './time.ts';
import { useNow } from './useNow.ts';

/** A moment; the whole of it on hover. */
export function Time({ at }: { readonly at: string }): ReactElement {
  const { zone } = usePreferences();
  return (
    <time dateTime={at} title={absolute(at, zone)}>
      {brief(at, zone, new Date())}
    </time>
  );
}

/** The time of day to the millisecond; the whole of it on hover. */
export function Clock({ at }: { readonly at: string }): ReactElement {
  const { zone } = usePreferences();
  return (
    <time dateTime={at} title={absolute(at, zone)}>
      {clock(at, zone)}
    </time>
  );
}

/** How long something took, or takes by now. */
export function Duration({
  from,
  to,
}: {
  readonly from: string;
  readonly to?: string | null | undefined;
}): ReactElement {
  const now = useNow(!to);
  return <span className="numbers">{between(from, to, now)}</span>;
}

/** How long ago. */
export function Age({ at }: { readonly at: string }): ReactElement {
  const { zone } = usePreferences();
  const now = useNow(true);
  return (
    <time dateTime={at} title={absolute(at, zone)}>
      {span(now - Date.parse(at)).replace(/^\d+ ms$|^\d+\.\d s$/, 'moments')}
    </time>
  );
}

/** How long there is still time. */
export function Until({ at }: { readonly at: string }): ReactElement {
  const { zone } = usePreferences();
  const left = Date.parse(at) - useNow(true);
  return (
    <time dateTime={at} title={absolute(at, zone)}>
      {left > 0 ? `in ${span(left)}` : 'overdue'}
    </time>
  );
}
