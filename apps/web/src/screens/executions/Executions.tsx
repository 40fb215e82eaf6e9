import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function Executions(): ReactElement {
  return <Page title="Executions">{null}</Page>;
}
