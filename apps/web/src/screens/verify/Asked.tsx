import type { ReactElement } from 'react';

import type { Profile } from '../../proof/report.ts';
import { Field } from '../../ui/Field.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { digestFrom } from '../../verify/pin.ts';
import styles from './Asked.module.css';
import type { Choice, Source } from './useKeys.ts';

const PROFILES: Readonly<Record<Profile, string>> = {
  full: 'full: everything, computed and judged again',
  disclosure: 'disclosure: seals, and the values that are there',
  integrity: 'integrity: seals only',
};
const SOURCES: readonly Source[] = ['file', 'service', 'none'];
const ABSENT: Readonly<Record<Source, string>> = {
  file: 'a trust file: choose one above, beside the proof',
  service: 'keys of this service: sign in to use them',
  none: '',
};

interface Props {
  readonly choice: Choice;
  readonly expected: string;
  readonly onExpected: (text: string) => void;
  readonly profile: Profile;
  /** Values were left out of the proof. */
  readonly isLessOfItself: boolean;
  readonly onProfile: (profile: Profile) => void;
}

/** Whose keys count, which digest is expected, and how much is asked for. */
export function Asked(props: Props): ReactElement {
  const { choice, expected, onExpected, profile, isLessOfItself, onProfile } = props;
  const isDigest = !expected.trim() || digestFrom(expected) !== null;
  return (
    <Panel title="What is asked">
      <div className={styles.grid}>
        <fieldset className={styles.keys}>
          <legend>Trusted keys</legend>
          {SOURCES.filter((source) => source in choice.sources).map((source) => (
            <label key={source} className={styles.choice}>
              <input
                type="radio"
                name="keys"
                checked={choice.keys?.source === source}
                disabled={!choice.sources[source]}
                onChange={() => choice.choose(source)}
              />
              <span>{choice.sources[source]?.words ?? ABSENT[source]}</span>
            </label>
          ))}
          <p className={styles.hint}>
            {choice.keys?.source === 'service'
              ? 'Who serves a false proof can serve the keys for it. For a judgement of your own, get the trust file from a second place.'
              : 'Keys are never taken from the proof itself.'}
          </p>
        </fieldset>
        <div className={styles.fields}>
          <Field
            label="Expected digest"
            hint="Optional: of the file, of the manifest, or the Merkle root. A link can carry it: #sha256=…"
            error={isDigest ? null : 'This is no SHA-256: 64 hexadecimal digits, sha256: before them or not.'}
          >
            {(control) => (
              <input
                {...control}
                type="text"
                spellCheck={false}
                autoComplete="off"
                placeholder="sha256:…"
                value={expected}
                onChange={(event) => onExpected(event.target.value)}
              />
            )}
          </Field>
          <Field
            label="How much is checked"
            hint={
              isLessOfItself
                ? 'Values were left out of this proof, for who may not read them: what its steps computed cannot be checked.'
                : undefined
            }
          >
            {(control) => (
              <select
                {...control}
                value={profile}
                onChange={(event) => onProfile(event.target.value as Profile)}
              >
                {(Object.keys(PROFILES) as Profile[]).map((name) => (
                  <option key={name} value={name}>
                    {PROFILES[name]}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      </div>
    </Panel>
  );
}
