import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function Settings(): ReactElement {
  return <Page title="Settings">{null}</Page>;
}
