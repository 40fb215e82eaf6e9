/** One or several replays of an execution, and the recorded proof to hold them against. */

import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';

import { proofQuery, replayQuery } from '../../api/queries.ts';
import type { ReplayReport } from '../../api/types.ts';
import { verdictOn, type Recorded, type Verdict } from './verdict.ts';

export interface Replayed {
  readonly report: ReplayReport;
  readonly verdict: Verdict;
  readonly times: number;
  /** Why there is no recorded proof to compare with; null when there is. */
  readonly unproved: string | null;
}

export function useReplay(executionId: string): UseMutationResult<Replayed, Error, number> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (times: number): Promise<Replayed> => {
      const reports: ReplayReport[] = [];
      for (let at = 0; at < times; at++)
        reports.push(await client.fetchQuery({ ...replayQuery(executionId), staleTime: 0, retry: false }));
      const [recorded, unproved] = await proofOf(() =>
        client.fetchQuery({ ...proofQuery(executionId, true), retry: false }),
      );
      // The worst of them is shown: one replay that differs is a difference.
      const report = (reports.find((item) => !item.identical) ?? reports[0]) as ReplayReport;
      const found = verdictOn(report, recorded);
      const roots = new Set(reports.map((item) => item.merkleRoot));
      const verdict: Verdict =
        roots.size === 1
          ? found
          : {
              ...found,
              kind: 'disagreement',
              doubts: [...found.doubts, `the replays gave ${String(roots.size)} different roots`],
            };
      return { report, verdict, times, unproved };
    },
  });
}

async function proofOf(fetched: () => Promise<ArrayBuffer>): Promise<[Recorded | null, string | null]> {
  try {
    const manifest = JSON.parse(new TextDecoder().decode(await fetched())) as {
      merkleRoot: string;
      steps: { stepId: string; attestation: { attestationHash: string } }[];
    };
    const steps = manifest.steps.map(({ stepId, attestation }) => ({
      stepId,
      attestationHash: attestation.attestationHash,
    }));
    return [{ merkleRoot: manifest.merkleRoot, steps }, null];
  } catch (error) {
    return [null, error instanceof Error ? error.message : String(error)];
  }
}
