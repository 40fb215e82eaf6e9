import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import type { ReactElement } from 'react';

import { proofQuery } from '../../api/queries.ts';
import type { ExecutionStatus } from '../../api/types.ts';
import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { bytesText } from '../../ui/jsonTree.ts';
import { saveFile, sha256 } from '../../ui/saveFile.ts';
import styles from './RunActions.module.css';

/** Saves the proof, or the record of the block where a prover blocked the run, and says what was saved. */
export function ProofButton({ status }: { readonly status: ExecutionStatus }): ReactElement {
  const client = useQueryClient();
  const proof = status.actions.find((action) => action.name === 'manifest');
  const block = status.actions.find((action) => action.name === 'manifest-of-block');
  const isBlock = proof?.enabled !== true && block?.enabled === true;
  const unavailable = isBlock || proof?.enabled ? undefined : (proof?.reason ?? 'it cannot be had now');
  const { mutate, isPending, data, error } = useMutation({
    mutationFn: async () => {
      const data = await client.fetchQuery(proofQuery(status.executionId, isBlock));
      const name = `${status.executionId}${isBlock ? '.blocked' : ''}.pcq`;
      saveFile(name, data, 'application/vnd.pcq.manifest.v1+json');
      return { name, size: data.byteLength, digest: await sha256(data) };
    },
  });
  const label = isBlock ? 'Record of the block' : 'Proof .pcq';
  useAction({
    id: 'download-proof',
    label: `Download: ${label}`,
    section: 'This page',
    keys: 'd',
    perform: () => mutate(),
    disabled: unavailable,
  });
  return (
    <>
      <Button kind="primary" unavailable={unavailable} busy={isPending} shortcut="d" onClick={() => mutate()}>
        <Download size={14} aria-hidden="true" />
        {label}
      </Button>
      <div role="status" className={data || error ? styles.wide : undefined}>
        {error ? <span className={styles.bad}>{error.message}</span> : null}
        {data && !error ? (
          <>
            Saved {data.name}, {bytesText(data.size)}; sha256 of what came here
            <HashChip value={data.digest} label="sha256 of the downloaded bytes" letters={16} />
            <Link to="/verify">Verify it</Link>
          </>
        ) : null}
      </div>
    </>
  );
}
