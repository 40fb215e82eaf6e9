import type { ReactElement } from 'react';

import { Page } from '../../ui/Page.tsx';

export function RunbookReplay(): ReactElement {
  return <Page title="Replay">{null}</Page>;
}
