import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState, type ReactElement } from 'react';

import { Button } from './Button.tsx';
import { kindOf, membersOf, summary } from './jsonTree.ts';
import styles from './JsonView.module.css';

/** A JSON value as a tree. Strings are shown as text, whatever is in them. */
export function JsonMembers({
  label,
  value,
}: {
  readonly label: string;
  readonly value: unknown;
}): ReactElement {
  return (
    <ul className={styles.tree} aria-label={label}>
      <Member value={value} depth={0} />
    </ul>
  );
}

interface MemberProps {
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

const SHOWN = 50;
const OPEN_DEPTH = 2;
const OPEN_MEMBERS = 12;

function Member({ name, value, depth }: MemberProps): ReactElement {
  const members = membersOf(value);
  const [open, setOpen] = useState(depth === 0 || (depth < OPEN_DEPTH && members.length <= OPEN_MEMBERS));
  const [most, setMost] = useState(SHOWN);
  const kind = kindOf(value);
  if (members.length === 0) {
    return (
      <li className={styles.leaf}>
        <Name name={name} />
        <Scalar value={value} />
      </li>
    );
  }
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <li>
      <button type="button" className={styles.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon size={13} aria-hidden="true" />
        <Name name={name} />
        <span className={styles.summary}>{summary(value)}</span>
      </button>
      {open ? (
        <ul className={styles.inner}>
          {members.slice(0, most).map(([key, item]) => (
            <Member key={key} name={kind === 'array' ? `[${key}]` : key} value={item} depth={depth + 1} />
          ))}
          {members.length > most ? (
            <li>
              <Button kind="quiet" className={styles.tool} onClick={() => setMost(most + SHOWN * 4)}>
                Show more: {members.length - most} left
              </Button>
            </li>
          ) : null}
        </ul>
      ) : null}
    </li>
  );
}

function Name({ name }: { readonly name: string | undefined }): ReactElement | null {
  return name === undefined ? null : <span className={styles.name}>{name}:</span>;
}

const LONG = 400;

function Scalar({ value }: { readonly value: unknown }): ReactElement {
  const [whole, setWhole] = useState(false);
  const kind = kindOf(value);
  if (kind === 'object' || kind === 'array') {
    return <code className={styles.null}>{kind === 'array' ? '[]' : '{}'}</code>;
  }
  const text = JSON.stringify(value) ?? 'null';
  const cut = text.length > LONG && !whole;
  return (
    <>
      <code className={styles[kind]}>{cut ? `${text.slice(0, LONG)}…` : text}</code>
      {cut ? (
        <Button kind="quiet" className={styles.tool} onClick={() => setWhole(true)}>
          All {text.length} characters
        </Button>
      ) : null}
    </>
  );
}
