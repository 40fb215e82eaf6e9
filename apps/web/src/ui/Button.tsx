import { useId, type ButtonHTMLAttributes, type ReactElement } from 'react';

import styles from './Button.module.css';
import { classes } from './classes.ts';

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  /** Why it cannot be pressed now: it stays reachable by keyboard, and says so. */
  readonly unavailable?: string | null | undefined;
  readonly busy?: boolean;
  readonly shortcut?: string;
}

export function Button({
  kind = 'plain',
  unavailable,
  busy = false,
  shortcut,
  children,
  className,
  onClick,
  title,
  ...rest
}: Props): ReactElement {
  const id = useId();
  const off = busy || Boolean(unavailable);
  return (
    <>
      <button
        type="button"
        {...rest}
        className={classes(styles.button, styles[kind], className)}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        aria-describedby={unavailable ? id : rest['aria-describedby']}
        title={unavailable ?? title}
        onClick={(event) => {
          if (off) event.preventDefault();
          else onClick?.(event);
        }}
      >
        {children}
        {shortcut ? (
          <kbd className={styles.key} aria-hidden="true">
            {shortcut}
          </kbd>
        ) : null}
      </button>
      {unavailable ? (
        <span id={id} className="visually-hidden">
          {unavailable}
        </span>
      ) : null}
    </>
  );
}
