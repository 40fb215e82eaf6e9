import { useState, type ReactElement } from 'react';

import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { BULK, BULK_WORDS, splitBy, type BulkName } from './bulk.ts';
import { BulkDialog } from './BulkDialog.tsx';
import styles from './Bulk.module.css';
import { casesText } from './queue.ts';
import type { Selection } from './useSelection.ts';

/** What can be said in all chosen cases at once: no, or a question. */
export function BulkBar({ selection }: { readonly selection: Selection }): ReactElement | null {
  const [open, setOpen] = useState<BulkName | null>(null);
  const { chosen, set } = selection;
  if (!chosen.length && open === null) return null;
  return (
    <>
      <div className={styles.bar} role="group" aria-label="Chosen cases">
        <ClearKey onClear={() => set([])} />
        <span role="status" className={styles.count}>
          {casesText(chosen.length)} chosen
        </span>
        {BULK.map((name) => {
          const { able, unable } = splitBy(chosen, name);
          return (
            <Button
              key={name}
              kind={name === 'rejected' ? 'danger' : 'plain'}
              unavailable={able.length ? null : (unable[0]?.why ?? 'No case is chosen.')}
              onClick={() => setOpen(name)}
            >
              {BULK_WORDS[name].button}
            </Button>
          );
        })}
        <Button kind="quiet" shortcut="Esc" onClick={() => set([])}>
          Clear
        </Button>
      </div>
      {open ? (
        <BulkDialog
          name={open}
          reviews={chosen}
          onDone={(failed) => {
            setOpen(null);
            set(failed);
          }}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </>
  );
}

function ClearKey({ onClear }: { readonly onClear: () => void }): null {
  useAction({
    id: 'review-clear',
    label: 'Choose no case',
    section: 'This page',
    keys: 'Escape',
    perform: onClear,
  });
  return null;
}
