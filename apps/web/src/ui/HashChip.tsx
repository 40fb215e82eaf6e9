import { Check, Copy } from 'lucide-react';
import { useState, type ReactElement } from 'react';

import styles from './HashChip.module.css';

/** A digest or another long name: its first letters, the whole on hover, and a button that copies it. */
export function HashChip({
  value,
  label,
  letters = 10,
}: {
  readonly value: string;
  readonly label: string;
  readonly letters?: number;
}): ReactElement {
  const [copied, setCopied] = useState(false);
  const bare = value.replace(/^sha256:/, '');
  const shown = bare.slice(0, letters);
  const copy = (): void => {
    void navigator.clipboard.writeText(value).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <button
      type="button"
      className={styles.chip}
      onClick={copy}
      title={value}
      aria-label={`Copy ${label} ${shown}`}
    >
      <code className={bare.length > letters ? styles.cut : undefined}>{shown}</code>
      {copied ? <Check size={12} aria-hidden="true" /> : <Copy size={12} aria-hidden="true" />}
      <span role="status" className="visually-hidden">
        {copied ? 'copied' : ''}
      </span>
    </button>
  );
}
