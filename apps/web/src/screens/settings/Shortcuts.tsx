import { useSyncExternalStore, type ReactElement } from 'react';

import { registry } from '../../keys/registry.ts';
import { Panel } from '../../ui/Panel.tsx';
import styles from './Settings.module.css';

const hear = (onChange: () => void): (() => void) => registry.onChange(onChange);

/** The keys that work everywhere; each page has its own besides. */
export function Shortcuts(): ReactElement {
  const actions = useSyncExternalStore(hear, () => registry.actions);
  const shown = actions.filter((action) => action.keys !== undefined);
  return (
    <Panel title="Shortcuts" flush>
      <table className={styles.table}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Action</th>
            <th scope="col">Keys</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((action) => (
            <tr key={action.id}>
              <td>
                <span className={styles.section}>{action.section} </span>
                {action.label}
              </td>
              <td className={styles.keys}>
                {(action.keys ?? '').split(' ').map((key) => (
                  <kbd key={key}>{key.replace('mod+', 'Ctrl/⌘ ')}</kbd>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.foot}>
        Each page has more of its own: press <kbd>?</kbd> there.
      </p>
    </Panel>
  );
}
