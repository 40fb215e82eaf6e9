import { X } from 'lucide-react';
import type { ReactElement } from 'react';

import { Button } from '../../ui/Button.tsx';
import { HashChip } from '../../ui/HashChip.tsx';
import { Panel } from '../../ui/Panel.tsx';
import type { Item } from '../../verify/question.ts';
import { megabytes, type Kind } from '../../verify/recognise.ts';
import styles from './FileList.module.css';
import type { Files } from './useFiles.ts';

const KINDS: Readonly<Record<Kind, string>> = {
  proof: 'proof',
  trust: 'trust file',
  payload: 'large value, by digest',
  artifact: 'file that an export wrote',
};

/** What was chosen, what it is taken for, and which proof is the one that is asked about. */
export function FileList({
  files,
  head,
  onHead,
}: {
  readonly files: Files;
  readonly head: Item | null;
  readonly onHead: (id: string) => void;
}): ReactElement | null {
  if (!files.items.length) return null;
  return (
    <Panel
      title="Files"
      flush
      actions={
        <Button kind="quiet" onClick={files.clear}>
          Remove all
        </Button>
      }
    >
      <ul className={styles.list}>
        {files.items.map((item) => (
          <li key={item.id} className={styles.row}>
            <div className={styles.name}>
              <strong>{item.name}</strong>
              <span className={styles.soft}>
                {megabytes(item.bytes.length)}
                {item.fromService ? ' · as this service sent it' : ''}
              </span>
            </div>
            <Button kind="quiet" onClick={() => files.remove(item.id)} aria-label={`Remove ${item.name}`}>
              <X size={15} aria-hidden="true" />
            </Button>
            <Role item={item} head={head} files={files} onHead={onHead} />
            <HashChip value={item.digest} label={`digest of ${item.name}`} letters={8} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Role({
  item,
  head,
  files,
  onHead,
}: {
  readonly item: Item;
  readonly head: Item | null;
  readonly files: Files;
  readonly onHead: (id: string) => void;
}): ReactElement {
  const role = item.kind !== 'proof' ? item.kind : item === head ? 'head' : 'child';
  return (
    <select
      className={styles.kind}
      aria-label={`What ${item.name} is`}
      value={role}
      onChange={({ target: { value } }) => {
        const kind = value === 'head' || value === 'child' ? 'proof' : (value as Kind);
        files.setKind(item.id, kind);
        if (value === 'head') onHead(item.id);
      }}
    >
      <option value="head">the proof to verify</option>
      {role === 'child' || head !== item ? <option value="child">proof of a sub-runbook</option> : null}
      {(['trust', 'payload', 'artifact'] as const).map((kind) => (
        <option key={kind} value={kind}>
          {KINDS[kind]}
        </option>
      ))}
    </select>
  );
}
