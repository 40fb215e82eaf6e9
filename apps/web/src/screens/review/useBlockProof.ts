/** The evidence of a case, verified in this browser as soon as the case is opened. */

import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { meQuery, proofQuery, stepQuery, trustQuery } from '../../api/queries.ts';
import type { ExecutionStatus } from '../../api/types.ts';
import type { Request } from '../../proof/protocol.ts';
import type { Report } from '../../proof/report.ts';
import { checkSeals, type SealChecked } from '../../proof/sealed.ts';
import { servedVerifiers } from '../verify/worker.ts';

const MOST_SEALS = 200;
const LIMIT_MS = 60_000;

export type BlockProof =
  | { readonly kind: 'checking' }
  | { readonly kind: 'unavailable'; readonly error: Error; readonly retry: () => void }
  | { readonly kind: 'proof'; readonly report: Report; readonly at: string }
  | {
      readonly kind: 'seals';
      readonly steps: readonly SealChecked[];
      readonly sealed: number;
      readonly at: string;
    };

/** The whole proof of an ended execution; before that, the steps that are sealed. */
export function useBlockProof(status: ExecutionStatus | undefined): BlockProof {
  const client = useQueryClient();
  const sealed = status?.steps.filter((step) => step.state === 'sealed').map((step) => step.stepId) ?? [];
  const hasEnded = status !== undefined && status.merkleRoot !== null;
  const check = useQuery({
    queryKey: ['block-proof', status?.executionId, hasEnded ? 'proof' : sealed.length],
    enabled: status !== undefined,
    staleTime: Infinity,
    queryFn: ({ signal }) => {
      const id = status?.executionId ?? '';
      return hasEnded ? proofOf(client, id, signal) : sealsOf(client, id, sealed);
    },
  });
  if (check.data) return check.data;
  if (!check.isError) return { kind: 'checking' };
  return { kind: 'unavailable', error: check.error, retry: () => void check.refetch() };
}

/** True for evidence that is whole and as it was signed. */
export function isSound(proof: BlockProof): boolean {
  if (proof.kind === 'proof') return proof.report.exitCode === 0;
  return proof.kind === 'seals' && proof.steps.every((step) => !step.faults.length);
}

async function sealsOf(client: QueryClient, id: string, names: readonly string[]): Promise<BlockProof> {
  const trust = await client.fetchQuery(trustQuery);
  const some = names.slice(0, MOST_SEALS);
  const details = await Promise.all(some.map((name) => client.fetchQuery(stepQuery(id, name))));
  const seals = details.flatMap(({ stepId, dependsOn, attestation }) =>
    attestation ? [{ stepId, dependsOn, ...attestation }] : [],
  );
  const steps = await checkSeals(seals, new Uint8Array(trust));
  return { kind: 'seals', steps, sealed: names.length, at: new Date().toISOString() };
}

async function proofOf(client: QueryClient, id: string, signal: AbortSignal): Promise<BlockProof> {
  const [manifest, trust, me] = await Promise.all([
    client.fetchQuery(proofQuery(id, true)),
    client.fetchQuery(trustQuery),
    client.fetchQuery(meQuery),
  ]);
  // Who may not read values is sent digests in their place; recomputing needs the values.
  const profile = me.actions.includes('value.read') ? 'full' : 'integrity';
  const report = await verified(
    { kind: 'verify', id: 1, manifest: manifest.slice(0), trust: trust.slice(0), profile },
    signal,
  );
  return { kind: 'proof', report, at: new Date().toISOString() };
}

function verified(request: Request & { kind: 'verify' }, signal: AbortSignal): Promise<Report> {
  const verifier = servedVerifiers.open();
  const work = new Promise<Report>((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    limit.addEventListener('abort', () => reject(new Error('The check took too long and was ended.')));
    const fail = (why: string): void => reject(new Error(why));
    verifier.ask(
      request,
      (answer) => {
        if (answer.kind === 'report') resolve(answer.report);
        else if (answer.kind === 'failed') fail(answer.message);
      },
      fail,
    );
  });
  return work.finally(() => verifier.end());
}
