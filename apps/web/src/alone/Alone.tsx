import type { ReactElement } from 'react';

import { useShortcuts } from '../keys/useShortcuts.ts';
import { useFiles } from '../screens/verify/useFiles.ts';
import { useKeys } from '../screens/verify/useKeys.ts';
import { VerifyFiles } from '../screens/verify/VerifyFiles.tsx';
import type { Verifiers } from '../screens/verify/verifiers.ts';
import { Page } from '../ui/Page.tsx';

/** The page of `verify.html`: trusted keys come from a file, as there is no service to ask. */
export function Alone({ verifiers }: { readonly verifiers: Verifiers }): ReactElement {
  useShortcuts();
  const files = useFiles();
  const choice = useKeys(files.items, null);
  return (
    <Page
      title="Verify a proof"
      lead="Nothing leaves this tab: the file forbids its browser every connection. Bring the trust file another way than the proof."
    >
      <VerifyFiles files={files} choice={choice} verifiers={verifiers} />
    </Page>
  );
}
