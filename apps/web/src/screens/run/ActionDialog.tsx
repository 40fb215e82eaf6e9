import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';

import { act } from '../../api/mutations.ts';
import { keys } from '../../api/queries.ts';
import type { ExecutionStatus } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { ReasonField } from '../../ui/ReasonField.tsx';
import { ProblemPanel } from '../../ui/States.tsx';
import { bodyOf, QUESTIONS, type ActionName } from './actions.ts';

interface Props {
  readonly status: ExecutionStatus;
  readonly name: ActionName;
  readonly onClose: () => void;
}

/** Says what will happen, asks for the reason, and does it once, however often it is tried. */
export function ActionDialog({ status, name, onClose }: Props): ReactElement {
  const question = QUESTIONS[name];
  const [reason, setReason] = useState('');
  const [parameters, setParameters] = useState('{\n  \n}');
  const [tried, setTried] = useState(false);
  const { perform, ...mutation } = useAct(status, name, onClose);
  const checked = bodyOf(name, { reason, parameters });
  const wrong = tried && checked.kind === 'bad' ? checked : undefined;
  const submit = (): void => {
    setTried(true);
    if (checked.kind === 'good') perform(checked.body);
  };
  return (
    <Dialog
      title={question.title}
      onClose={onClose}
      cancel="Back"
      actions={
        <Button kind={question.isDangerous ? 'danger' : 'primary'} busy={mutation.isPending} onClick={submit}>
          {question.button}
        </Button>
      }
    >
      <p>{question.text}</p>
      {name === 'fork' ? (
        <Field
          label="Parameters"
          hint="JSON, by name; the others stay as they are"
          error={wrong?.parameters}
          required
        >
          {(control) => (
            <textarea
              {...control}
              spellCheck={false}
              value={parameters}
              onChange={(event) => setParameters(event.target.value)}
            />
          )}
        </Field>
      ) : null}
      <ReasonField
        label="Reason"
        error={wrong?.reason}
        required={question.isReasonNeeded}
        value={reason}
        onChange={setReason}
      />
      {mutation.isError ? <ProblemPanel error={mutation.error} /> : null}
    </Dialog>
  );
}

interface Acting {
  readonly perform: (body: object) => void;
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
}

function useAct(status: ExecutionStatus, name: ActionName, onClose: () => void): Acting {
  const [key] = useState(() => crypto.randomUUID());
  const client = useQueryClient();
  const navigate = useNavigate();
  const { mutate, isPending, isError, error } = useMutation({
    mutationFn: (body: object) => act(status.executionId, name, body, key),
    onSuccess: (answer) => {
      onClose();
      client.setQueryData(keys.execution(answer.executionId), answer);
      if (answer.executionId === status.executionId) return;
      void navigate({ to: '/executions/$executionId', params: { executionId: answer.executionId } });
    },
  });
  return { perform: mutate, isPending, isError, error };
}
