import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function ReviewCase(): ReactElement {
  return <Page title="Review">{null}</Page>;
}
