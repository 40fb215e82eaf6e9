import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function OmbudsReviewQueue(): ReactElement {
  return <Page title="Review queue">{null}</Page>;
}
