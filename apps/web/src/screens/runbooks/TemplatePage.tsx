import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function TemplatePage(): ReactElement {
  return <Page title="Runbook">{null}</Page>;
}
