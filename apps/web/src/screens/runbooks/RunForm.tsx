import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function RunForm(): ReactElement {
  return <Page title="Run">{null}</Page>;
}
