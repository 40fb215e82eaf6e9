import { useNavigate } from '@tanstack/react-router';
import { GitFork, Link2, Pause, Play, RotateCcw, RotateCw, Square } from 'lucide-react';
import { useState, type ReactElement } from 'react';

import type { ExecutionStatus } from '../../api/types.ts';
import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { ActionDialog } from './ActionDialog.tsx';
import type { ActionName } from './actions.ts';
import { ProofButton } from './ProofButton.tsx';
import styles from './RunActions.module.css';

const ICONS = { pause: Pause, resume: Play, rerun: RotateCw, fork: GitFork, cancel: Square } as const;
const LABELS = {
  pause: 'Pause…',
  resume: 'Resume…',
  rerun: 'Rerun…',
  fork: 'Fork…',
  cancel: 'Cancel…',
} as const;

/** What can be done with the run, as the service says; what cannot be done now says why. */
export function RunActions({ status }: { readonly status: ExecutionStatus }): ReactElement {
  const [asked, setAsked] = useState<ActionName | null>(null);
  const find = (name: string): ExecutionStatus['actions'][number] | undefined =>
    status.actions.find((action) => action.name === name);
  // One of the two at a time: the one that can be done, else the first.
  const turn = find('resume')?.enabled ? 'resume' : 'pause';
  const names: readonly ActionName[] = [turn, 'rerun', 'fork', 'cancel'];
  return (
    <>
      <CopyLink />
      <ReplayButton executionId={status.executionId} action={find('replay')} />
      {names.map((name) => {
        const action = find(name);
        const Icon = ICONS[name];
        if (!action) return null;
        return (
          <Button
            key={name}
            kind={name === 'cancel' && action.enabled ? 'danger' : 'plain'}
            unavailable={action.enabled ? null : (action.reason ?? action.code ?? 'not possible now')}
            onClick={() => setAsked(name)}
          >
            <Icon size={14} aria-hidden="true" />
            {LABELS[name]}
          </Button>
        );
      })}
      <ProofButton status={status} />
      {asked ? <ActionDialog status={status} name={asked} onClose={() => setAsked(null)} /> : null}
    </>
  );
}

function ReplayButton({
  executionId,
  action,
}: {
  readonly executionId: string;
  readonly action: ExecutionStatus['actions'][number] | undefined;
}): ReactElement | null {
  const navigate = useNavigate();
  if (!action) return null;
  return (
    <Button
      unavailable={action.enabled ? null : action.reason}
      onClick={() => void navigate({ to: '/executions/$executionId/replay', params: { executionId } })}
    >
      <RotateCcw size={14} aria-hidden="true" />
      Replay
    </Button>
  );
}

function CopyLink(): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(window.location.href).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    });
  };
  useAction({
    id: 'copy-link',
    label: 'Copy the link to this view',
    section: 'This page',
    keys: 'y',
    perform: copy,
  });
  return (
    <Button onClick={copy} kind="quiet" shortcut="y">
      <Link2 size={14} aria-hidden="true" />
      <span role="status" className={styles.fixed}>
        {copied ? 'Copied' : 'Copy link'}
      </span>
    </Button>
  );
}
