import {
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type ReactElement,
} from 'react';

import { registry, type KeyAction } from '../keys/registry.ts';
import styles from './Palette.module.css';

/** All that can be done here: to search and run, or to read the keys of. */
export function Palette({
  help,
  onClose,
}: {
  readonly help: boolean;
  readonly onClose: () => void;
}): ReactElement {
  const actions = useSyncExternalStore(
    (hear) => registry.onChange(hear),
    () => registry.actions,
  );
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const found = actions.filter(
    (action) => action.label.toLowerCase().includes(words.toLowerCase()) && (!help || action.keys),
  );
  const run = (action: KeyAction | undefined): void => {
    if (!action || action.disabled !== undefined) return;
    onClose();
    action.perform();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter') run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label={help ? 'Keyboard shortcuts' : 'Commands'}
      onClose={onClose}
    >
      <input
        className={styles.input}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] ? `palette-${String(at)}` : undefined}
        aria-label="Search commands"
        placeholder={help ? 'Search shortcuts' : 'What do you want to do?'}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul id="palette-list" role="listbox" aria-label="Commands" className={styles.list}>
        {found.map((action, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are those of the box above
          <li
            key={action.id}
            id={`palette-${String(index)}`}
            role="option"
            aria-selected={index === at}
            aria-disabled={action.disabled !== undefined}
            className={styles.item}
            onClick={() => run(action)}
          >
            <span>
              {action.label}
              {action.disabled === undefined ? null : (
                <small className={styles.reason}> {action.disabled}</small>
              )}
            </span>
            <span className={styles.section}>{action.section}</span>
            {action.keys ? <kbd className={styles.keys}>{action.keys.replace('mod+', '⌘ ')}</kbd> : <span />}
          </li>
        ))}
      </ul>
      {found.length ? null : <p className={styles.none}>Nothing is called that.</p>}
    </dialog>
  );
}
