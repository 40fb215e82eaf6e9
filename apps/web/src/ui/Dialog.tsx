import { useEffect, useId, useRef, type ReactElement, type ReactNode } from 'react';

import { Button } from './Button.tsx';
import styles from './Dialog.module.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** The buttons beside Cancel. */
  readonly actions?: ReactNode;
  readonly cancel?: string;
}

/** A modal dialog of the browser's own: focus stays in it, Escape closes it, and the focus goes back. */
export function Dialog({ title, onClose, children, actions, cancel = 'Cancel' }: Props): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
      <div className={styles.actions}>
        <Button onClick={onClose}>{cancel}</Button>
        {actions}
      </div>
    </dialog>
  );
}
