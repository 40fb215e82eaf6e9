import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function RunbookConsole(): ReactElement {
  return <Page title="Execution">{null}</Page>;
}
