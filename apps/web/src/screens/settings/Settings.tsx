import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';
import { Account } from './Account.tsx';
import { Appearance } from './Appearance.tsx';
import { Service } from './Service.tsx';
import styles from './Settings.module.css';
import { Shortcuts } from './Shortcuts.tsx';
import { TrustedKeys } from './TrustedKeys.tsx';

/** How this person likes the console, who they are to the service, and what the service says of itself. */
export function Settings(): ReactElement {
  return (
    <Page title="Settings" lead="How the console looks is kept in this browser only.">
      <div className={styles.columns}>
        <div className={styles.column}>
          <Appearance />
          <Shortcuts />
        </div>
        <div className={styles.column}>
          <Account />
          <TrustedKeys />
          <Service />
        </div>
      </div>
    </Page>
  );
}
