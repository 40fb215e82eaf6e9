import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { Page } from '../ui/Page.tsx';
import { EmptyState } from '../ui/States.tsx';

export function NotFound(): ReactElement {
  return (
    <Page title="Not found">
      <EmptyState title="There is no such page">
        <p>
          Go to the <Link to="/runbooks">runbooks</Link> or the <Link to="/executions">executions</Link>.
        </p>
      </EmptyState>
    </Page>
  );
}
