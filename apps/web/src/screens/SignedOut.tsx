import type { ReactElement } from 'react';

import { Page } from '../ui/Page.tsx';
import { EmptyState } from '../ui/States.tsx';

export function SignedOut(): ReactElement {
  return (
    <Page title="You are not signed in">
      <EmptyState title="Open the link that the service printed">
        <p>
          <code>runbooks serve</code> prints a link that signs you in once. A new one comes from{' '}
          <code>runbooks sign-in</code>, on the machine and in the data folder of the service.
        </p>
        <p>A proof can be verified without signing in: go to Verify.</p>
      </EmptyState>
    </Page>
  );
}
