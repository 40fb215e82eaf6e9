import { FileUp } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent, type ReactElement } from 'react';

import { useAction } from '../../keys/useAction.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/classes.ts';
import styles from './DropZone.module.css';

interface Props {
  readonly small: boolean;
  readonly onFiles: (files: readonly File[], folders?: readonly string[]) => void;
}

/** Files are dropped on it, chosen with its button, or pasted anywhere on the page. */
export function DropZone({ small, onFiles }: Props): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const choose = (): void => input.current?.click();
  useAction({
    id: 'verify-choose',
    label: 'Choose files to verify',
    section: 'This page',
    keys: 'o',
    perform: choose,
  });
  usePaste(onFiles);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const [files, folders] = dropped(event.dataTransfer);
    onFiles(files, folders);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- the button does the same by keyboard
    <div
      className={classes(styles.zone, small && styles.small, over && styles.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={small ? 20 : 30} aria-hidden="true" className={styles.icon} />
      <div className={styles.words}>
        <p className={styles.title}>{small ? 'Add a file, or another proof' : 'Drop a proof here'}</p>
        <p className={styles.hint}>
          A <code>.pcq</code> file; with it, as you have them, the trust file, proofs of sub-runbooks, large
          values, and files that an export wrote. Nothing leaves this tab.
        </p>
      </div>
      <Button kind={small ? 'plain' : 'primary'} onClick={choose} shortcut="o">
        Choose files
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to verify"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}

/** The browser hands a folder over as a file that cannot be read: its entry says which it is. */
function dropped(data: DataTransfer): [File[], string[]] {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const folders = entries.flatMap((entry) => (entry?.isDirectory ? [entry.name] : []));
  return [[...data.files].filter((file) => !folders.includes(file.name)), folders];
}

function usePaste(onFiles: Props['onFiles']): void {
  const hear = useRef(onFiles);
  useEffect(() => {
    hear.current = onFiles;
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const isField = event.target instanceof HTMLElement && event.target.matches('input, textarea');
      if (isField || !event.clipboardData) return;
      const files = [...event.clipboardData.files];
      const text = event.clipboardData.getData('text/plain').trim();
      if (files.length) hear.current(files);
      else if (text) hear.current([new File([text], 'pasted.pcq')]);
      else return;
      event.preventDefault();
    };
    // What is dropped beside the zone would otherwise be opened instead of this page.
    const beside = (event: Event): void => event.preventDefault();
    document.addEventListener('paste', paste);
    window.addEventListener('dragover', beside);
    window.addEventListener('drop', beside);
    return () => {
      document.removeEventListener('paste', paste);
      window.removeEventListener('dragover', beside);
      window.removeEventListener('drop', beside);
    };
  }, []);
}
