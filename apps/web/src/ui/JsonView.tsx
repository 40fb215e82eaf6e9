import { ChevronDown, ChevronRight, Copy } from 'lucide-react';
import { useEffect, useState, type ReactElement } from 'react';

import { Button } from './Button.tsx';
import { HashChip } from './HashChip.tsx';
import { bytesText, kindOf, membersOf, summary } from './jsonTree.ts';
import styles from './JsonView.module.css';

interface Props {
  readonly label: string;
  readonly value: unknown;
  /** Of the bytes that were signed, where it is known. */
  readonly digest?: string | undefined;
}

/** A JSON value to look into: as a tree, or as text. Strings are shown as text, whatever is in them. */
export function JsonView({ label, value, digest }: Props): ReactElement {
  const [raw, setRaw] = useState(false);
  const text = JSON.stringify(value, null, 2) ?? 'null';
  return (
    <div className={styles.view}>
      <div className={styles.tools}>
        <span className={styles.size}>{bytesText(text.length)}</span>
        {digest ? <HashChip value={digest} label={`digest of ${label}`} /> : null}
        <span className={styles.ways}>
          <Button kind="quiet" aria-pressed={raw} className={styles.tool} onClick={() => setRaw(!raw)}>
            Raw
          </Button>
          <CopyButton label={label} text={text} />
        </span>
      </div>
      {raw ? (
        <RawText label={label} text={text} />
      ) : (
        <ul className={styles.tree} aria-label={label}>
          <Member value={value} depth={0} />
        </ul>
      )}
    </div>
  );
}

const RAW_STEP = 100_000;

/** Text as it is; of a long one as much as is asked for. */
export function RawText({ label, text }: { readonly label: string; readonly text: string }): ReactElement {
  const [most, setMost] = useState(RAW_STEP);
  return (
    <>
      {/* What scrolls can be reached by keyboard. */}
      <div role="region" aria-label={`${label}, text`} tabIndex={0} className={styles.raw}>
        <pre>{text.slice(0, most)}</pre>
      </div>
      {text.length > most ? (
        <Button onClick={() => setMost(most + RAW_STEP * 5)}>
          Show more: {bytesText(text.length - most)} left
        </Button>
      ) : null}
    </>
  );
}

function CopyButton({ label, text }: { readonly label: string; readonly text: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      kind="quiet"
      className={styles.tool}
      aria-label={`Copy ${label}`}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      <Copy size={13} aria-hidden="true" />
      <span role="status">{copied ? 'Copied' : 'Copy'}</span>
    </Button>
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
