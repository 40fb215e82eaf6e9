import type { ReactElement } from 'react';

import { Panel } from '../../ui/Panel.tsx';
import { prefer, usePreferences } from '../../ui/preferences.ts';
import styles from './Settings.module.css';

const CHOICES = [
  {
    name: 'theme',
    label: 'Theme',
    options: [
      ['system', 'As the system'],
      ['light', 'Light'],
      ['dark', 'Dark'],
    ],
  },
  {
    name: 'density',
    label: 'Density',
    options: [
      ['comfortable', 'Comfortable'],
      ['compact', 'Compact'],
    ],
  },
  {
    name: 'zone',
    label: 'Times',
    options: [
      ['local', 'Of this device'],
      ['utc', 'UTC'],
    ],
  },
] as const;
const SWITCHES = [
  {
    name: 'singleKeys',
    label: 'Shortcuts of a single key',
    hint: 'Off, only those with Ctrl or ⌘ remain: for who dictates, or hits keys by accident.',
  },
  {
    name: 'plainPages',
    label: 'Plain pages',
    hint: 'Lists in pages of fifty rows instead of one that scrolls without end: easier with a screen reader.',
  },
] as const;

/** Theme, density, time zone, shortcuts, and how long lists are shown. */
export function Appearance(): ReactElement {
  const preferences = usePreferences();
  return (
    <Panel title="Appearance">
      <div className={styles.form}>
        {CHOICES.map(({ name, label, options }) => (
          <fieldset key={name} className={styles.choice}>
            <legend>{label}</legend>
            <div className={styles.segments}>
              {options.map(([value, words]) => (
                <label key={value} className={styles.segment}>
                  <input
                    type="radio"
                    name={name}
                    checked={preferences[name] === value}
                    onChange={() => prefer({ [name]: value })}
                  />
                  {words}
                </label>
              ))}
            </div>
          </fieldset>
        ))}
        {SWITCHES.map(({ name, label, hint }) => (
          <div key={name} className={styles.switch}>
            <input
              id={`prefer-${name}`}
              type="checkbox"
              aria-describedby={`prefer-${name}-hint`}
              checked={preferences[name]}
              onChange={(event) => prefer({ [name]: event.target.checked })}
            />
            <label htmlFor={`prefer-${name}`}>{label}</label>
            <p id={`prefer-${name}-hint`} className={styles.hint}>
              {hint}
            </p>
          </div>
        ))}
      </div>
    </Panel>
  );
}
