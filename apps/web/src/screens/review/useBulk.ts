/** Says one word in case after case, each with what its person saw of it; one that fails keeps none of the others. */

import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { decide } from '../../api/mutations.ts';
import { keys } from '../../api/queries.ts';
import type { ReviewTicket } from '../../api/types.ts';
import { failureOf, type BulkName, type Fate } from './bulk.ts';

export interface Bulk {
  readonly stage: 'before' | 'during' | 'after';
  readonly fates: ReadonlyMap<string, Fate>;
  readonly say: (reason: string) => Promise<void>;
  /** What is sent is sent; no further case is begun. */
  readonly stop: () => void;
}

export function useBulk(name: BulkName, reviews: readonly ReviewTicket[]): Bulk {
  const client = useQueryClient();
  const [stage, setStage] = useState<Bulk['stage']>('before');
  const [fates, setFates] = useState<ReadonlyMap<string, Fate>>(new Map());
  const isStopped = useRef(false);
  const set = (id: string, fate: Fate): void => setFates((before) => new Map(before).set(id, fate));
  const say = async (reason: string): Promise<void> => {
    if (stage !== 'before') return;
    setStage('during');
    for (const { reviewId } of reviews) set(reviewId, { kind: 'waits' });
    for (const { reviewId, version } of reviews) {
      if (isStopped.current) break;
      set(reviewId, { kind: 'goes' });
      try {
        await decide(reviewId, { decision: name, reason }, `"${String(version)}"`, crypto.randomUUID());
        set(reviewId, { kind: 'done' });
      } catch (error) {
        set(reviewId, failureOf(error));
      }
    }
    setStage('after');
    await client.invalidateQueries({ queryKey: keys.reviews });
  };
  const stop = (): void => {
    isStopped.current = true;
  };
  return { stage, fates, say, stop };
}
