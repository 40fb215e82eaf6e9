/** Which cases are chosen. One that is gone from the list is chosen no more. */

import { useState } from 'react';

import type { ReviewTicket } from '../../api/types.ts';

export interface Selection {
  readonly chosen: readonly ReviewTicket[];
  readonly has: (id: string) => boolean;
  readonly toggle: (id: string) => void;
  readonly set: (ids: readonly string[]) => void;
}

export function useSelection(rows: readonly ReviewTicket[]): Selection {
  const [ids, set] = useState<readonly string[]>([]);
  return {
    chosen: rows.filter((review) => ids.includes(review.reviewId)),
    has: (id) => ids.includes(id),
    toggle: (id) =>
      set((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id])),
    set,
  };
}
