import { Copy } from 'lucide-react';
import { useEffect, useState, type ReactElement } from 'react';

import { Button } from './Button.tsx';

interface Props {
  /** What is copied, for its name. */
  readonly label: string;
  readonly text: () => string;
  readonly className?: string | undefined;
}

/** Puts a text on the clipboard, and says so. It is made when somebody wants it. */
export function CopyButton({ label, text, className }: Props): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      kind="quiet"
      className={className}
      aria-label={`Copy ${label}`}
      onClick={() => void navigator.clipboard.writeText(text()).then(() => setCopied(true))}
    >
      <Copy size={13} aria-hidden="true" />
      <span role="status">{copied ? 'Copied' : 'Copy'}</span>
    </Button>
  );
}
