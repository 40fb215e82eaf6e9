import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactElement } from 'react';

import { decide } from '../../api/mutations.ts';
import { Problem } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import type { ReviewStatement, ReviewTicket } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { ReasonField } from '../../ui/ReasonField.tsx';
import { ProblemPanel } from '../../ui/States.tsx';
import { Time } from '../../ui/Time.tsx';
import styles from './Case.module.css';
import { Consequences } from './Consequences.tsx';
import { reasonFault, type Saying } from './decisions.ts';
import { shelfOf } from './queue.ts';
import { decisionLook } from './words.ts';

interface Props {
  readonly saying: Saying;
  readonly review: ReviewTicket;
  readonly etag: string;
  readonly type: string | undefined;
  readonly waiting: number;
  readonly onClose: () => void;
}

/** One decision: what follows, why, and a signature. What is typed stays until it is said or given up. */
export function DecisionDialog({ saying, review, etag, type, waiting, onClose }: Props): ReactElement {
  const client = useQueryClient();
  const [seen] = useState(review.version);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  // One key for as long as the dialog is open: pressed twice, or again after a lost answer, it is said once.
  const [key] = useState(() => crypto.randomUUID());
  // What is sent again after a lost answer is the same to the letter; a refusal did nothing, and the next try is another.
  const pinned = useRef<string | null>(null);
  const say = useMutation({
    mutationFn: (said: string) => {
      pinned.current ??= etag;
      return decide(review.reviewId, { decision: saying.name, reason: said }, pinned.current, key);
    },
    onSuccess: (after) => {
      client.setQueryData(keys.execution(after.execution.executionId), after.execution);
      onClose();
    },
    onError: (error) => {
      if (error instanceof Problem) pinned.current = null;
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: keys.reviews });
      await client.invalidateQueries({ queryKey: keys.execution(review.executionId) });
    },
  });
  // The answer comes when the run has gone on; that it is said is seen before.
  const news = review.statements.slice(seen);
  const isSaid =
    say.isPending && news.some((one) => one.decision === saying.name && one.reason === say.variables);
  useEffect(() => {
    if (isSaid) onClose();
  }, [isSaid, onClose]);
  const isOver = shelfOf(review) === 'decided';
  const fault = reasonFault(reason, saying.weighty);
  const isNamed = !saying.weighty || typed.trim() === review.runbookId;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const confirm = (): void => {
    setTried(true);
    if (!fault && isNamed) say.mutate(reason.trim());
    else if (fault) field.current?.focus();
  };
  return (
    <Dialog
      title={saying.title}
      onClose={onClose}
      cancel={isOver ? 'Close' : 'Cancel'}
      actions={
        <Button
          kind={saying.kind === 'danger' ? 'danger' : 'primary'}
          busy={say.isPending}
          unavailable={isOver ? 'This case is decided.' : null}
          onClick={confirm}
        >
          {saying.confirm}
        </Button>
      }
    >
      <Meanwhile news={isSaid ? [] : news} />
      {isConflict(say.error) || !say.error ? null : <ProblemPanel error={say.error} />}
      <Consequences saying={saying} review={review} type={type} waiting={waiting} />
      <ReasonField
        ref={field}
        label={saying.label}
        hint={saying.weighty ? 'At least 20 characters; it is signed and stays in the proof.' : null}
        error={tried ? fault : null}
        value={reason}
        onChange={setReason}
      />
      {saying.weighty ? (
        <Field
          label={`Type ${review.runbookId} to confirm`}
          required
          error={tried && !isNamed ? `It must read ${review.runbookId}.` : null}
        >
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
      ) : null}
    </Dialog>
  );
}

/** What others said since this dialog was opened. */
function Meanwhile({ news }: { readonly news: readonly ReviewStatement[] }): ReactElement {
  return (
    <div role="alert" className={styles.meanwhile}>
      {news.map((said, index) => (
        <p key={index}>
          Meanwhile: <strong>{decisionLook(said.decision).word}</strong> by <strong>{said.approver}</strong>{' '}
          <Time at={said.issuedAt} />: {said.reason}
        </p>
      ))}
    </div>
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof Problem && (error.status === 409 || error.status === 412);
}
