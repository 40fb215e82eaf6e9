import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function Templates(): ReactElement {
  return <Page title="Runbooks">{null}</Page>;
}
