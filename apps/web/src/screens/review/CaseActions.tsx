import { useState, type ReactElement } from 'react';

import type { ReviewTicket } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { Time } from '../../ui/Time.tsx';
import styles from './Case.module.css';
import { DecisionDialog } from './DecisionDialog.tsx';
import { refusal, sayingOf, shownActions, type Saying } from './decisions.ts';
import { shelfOf } from './queue.ts';
import { isSound, type BlockProof } from './useBlockProof.ts';
import { decisionLook } from './words.ts';

interface Props {
  readonly review: ReviewTicket;
  readonly etag: string;
  readonly proof: BlockProof;
  readonly type: string | undefined;
  readonly waiting: number;
}

/** What can be said now. A case that is decided, or was closed, has no buttons any more. */
export function CaseActions({ review, etag, proof, type, waiting }: Props): ReactElement {
  const [open, setOpen] = useState<Saying | null>(null);
  const isDecided = shelfOf(review) === 'decided';
  const last = review.statements.at(-1);
  const actions = shownActions(review).flatMap((action) => {
    const saying = sayingOf(action.name, review);
    return saying ? [{ saying, why: refusal(action) ?? evidenceRefusal(saying, proof) }] : [];
  });
  const reasons = [...new Set(actions.flatMap(({ why }) => why ?? []))];
  return (
    <section className={styles.actions} aria-label="Decision">
      {isDecided && last ? (
        <p className={styles.ended}>
          {decisionLook(last.decision).word} by <strong>{last.approver}</strong> <Time at={last.issuedAt} />:{' '}
          {last.reason}
        </p>
      ) : (
        <>
          {actions.map(({ saying, why }) => (
            <Button key={saying.name} kind={saying.kind} unavailable={why} onClick={() => setOpen(saying)}>
              {saying.button}
            </Button>
          ))}
          <p className={styles.note}>{reasons[0] ?? 'What you say goes into the signed record.'}</p>
        </>
      )}
      {/* It stays when somebody else decides meanwhile: the words typed are not lost. */}
      {open ? (
        <DecisionDialog
          saying={open}
          review={review}
          etag={etag}
          type={type}
          waiting={waiting}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </section>
  );
}

/** Nothing is let through on evidence that this browser has not seen to be sound. */
function evidenceRefusal(saying: Saying, proof: BlockProof): string | null {
  if (saying.name !== 'approved' || isSound(proof)) return null;
  if (proof.kind === 'checking') return 'The evidence is still being checked in this browser.';
  if (proof.kind === 'unavailable') return 'The evidence could not be checked in this browser.';
  return 'The evidence does not verify in this browser.';
}
