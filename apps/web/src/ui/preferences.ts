/** How this person likes the console; kept in this browser only. */

import { useSyncExternalStore } from 'react';

import { registry } from '../keys/registry.ts';

export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  readonly zone: 'local' | 'utc';
  readonly singleKeys: boolean;
  /** Fifty rows a page instead of a list that scrolls without end: easier with a screen reader. */
  readonly plainPages: boolean;
}

const PLACE = 'runbooks.preferences';
const DEFAULTS: Preferences = {
  theme: 'system',
  density: 'comfortable',
  zone: 'local',
  singleKeys: true,
  plainPages: false,
};

const watchers = new Set<() => void>();
let current: Preferences = stored();
apply(current);

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (hear) => {
      watchers.add(hear);
      return () => watchers.delete(hear);
    },
    () => current,
  );
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  apply(current);
  try {
    localStorage.setItem(PLACE, JSON.stringify(current));
  } catch {
    // Storage is off: it holds until the tab is closed.
  }
  watchers.forEach((hear) => hear());
}

function stored(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(PLACE) ?? '{}') as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

function apply(preferences: Preferences): void {
  const { dataset } = document.documentElement;
  dataset.theme = preferences.theme;
  dataset.density = preferences.density;
  registry.singleKeys = preferences.singleKeys;
}
