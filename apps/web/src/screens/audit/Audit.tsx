import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function Audit(): ReactElement {
  return <Page title="Audit">{null}</Page>;
}
