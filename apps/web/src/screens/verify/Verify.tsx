import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function Verify(): ReactElement {
  return <Page title="Verify a proof">{null}</Page>;
}
