/** Where the keyboard stands in the tree: on what is chosen, until it is moved away from there. */

import { useState } from 'react';

import type { RowShown } from './rows.ts';

export interface Cursor {
  readonly cursor: string | undefined;
  /** Its row, -1 when there is none. */
  readonly at: number;
  readonly move: (id: string) => void;
}

export function useCursor(rows: readonly RowShown[], selected: string | undefined): Cursor {
  const [moved, setMoved] = useState<{ id: string; from: string | undefined } | null>(null);
  const wanted = moved && moved.from === selected ? moved.id : selected;
  const found = rows.findIndex((row) => row.id === wanted);
  const at = found < 0 && rows.length ? 0 : found;
  return { cursor: rows[at]?.id, at, move: (id) => setMoved({ id, from: selected }) };
}

export type Moved =
  | { readonly kind: 'move'; readonly id: string }
  | { readonly kind: 'toggle'; readonly open: boolean }
  | { readonly kind: 'run' };

const PAGE = 12;

/** What a key does on the row at `at`, as the ARIA authoring practices describe a tree; null for another key. */
export function movedTo(rows: readonly RowShown[], at: number, key: string): Moved | null {
  const row = rows[at];
  if (!row) return null;
  if (key === 'Enter' || key === ' ') return { kind: 'run' };
  if (key === 'ArrowRight' || key === 'ArrowLeft') return sideways(rows, at, key === 'ArrowRight');
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: PAGE,
    PageUp: -PAGE,
    Home: -rows.length,
    End: rows.length,
  };
  const step = steps[key];
  if (step === undefined) return null;
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)] ?? row;
  return { kind: 'move', id: next.id };
}

function sideways(rows: readonly RowShown[], at: number, isRight: boolean): Moved | null {
  const row = rows[at];
  if (row?.kind === 'family' && row.open !== isRight) return { kind: 'toggle', open: isRight };
  if (row?.kind === 'family') {
    const inside = isRight ? rows[at + 1] : undefined;
    return inside ? { kind: 'move', id: inside.id } : null;
  }
  if (isRight || row?.level !== 2) return null;
  const parent = rows.slice(0, at).findLast((other) => other.kind === 'family');
  return parent ? { kind: 'move', id: parent.id } : null;
}
