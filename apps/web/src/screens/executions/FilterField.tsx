import { useEffect, useRef, type ReactElement } from 'react';

import styles from './FilterBar.module.css';

interface Props {
  readonly label: string;
  readonly type: 'text' | 'datetime-local';
  readonly placeholder?: string;
  /** What the address says. */
  readonly shown: string;
  readonly onEnter: (value: string) => void;
}

/** What is typed counts once it is entered or left; the focus stays where it is. */
export function FilterField({ label, type, placeholder, shown, onEnter }: Props): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  // As the field spells it: a browser leaves out seconds that are none.
  const known = useRef('');
  useEffect(() => {
    if (!field.current) return;
    field.current.value = shown;
    known.current = field.current.value;
  }, [shown]);
  const enter = (): void => {
    const value = field.current?.value.trim() ?? '';
    // What the field cannot show of a time is not lost by looking at it.
    if (value === known.current) return;
    known.current = value;
    onEnter(value);
  };
  return (
    <input
      ref={field}
      type={type}
      {...(type === 'text' ? { maxLength: 256, spellCheck: false, placeholder } : { step: 1 })}
      className={styles.control}
      aria-label={label}
      defaultValue={shown}
      onKeyDown={(event) => event.key === 'Enter' && enter()}
      onBlur={enter}
    />
  );
}
