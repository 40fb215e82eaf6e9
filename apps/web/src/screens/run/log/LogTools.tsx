import { ChevronDown, ChevronUp, Download } from 'lucide-react';
import { useRef, type KeyboardEvent, type ReactElement } from 'react';

import type { LogLine } from '../../../api/types.ts';
import { useAction } from '../../../keys/useAction.ts';
import { Button } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { saveFile } from '../../../ui/saveFile.ts';
import { useRunAddress } from '../useRunAddress.ts';
import { hitsText, textOf } from './lines.ts';
import styles from './Log.module.css';

interface Props {
  /** Of the file. */
  readonly name: string;
  readonly hasKeys: boolean;
  readonly shown: readonly LogLine[];
  readonly errors: number;
  readonly hits: readonly number[];
  readonly at: number | null;
  /** Undefined when nothing is to come. */
  readonly follows: boolean | undefined;
  readonly onFollow: (follows: boolean) => void;
  readonly onHit: (direction: 1 | -1) => void;
}

/** Search, errors only, follow, copy and download. */
export function LogTools(props: Props): ReactElement {
  const { search, change } = useRunAddress();
  const { name, hasKeys, shown, errors, hits, at, follows, onFollow, onHit } = props;
  const field = useRef<HTMLInputElement>(null);
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      onHit(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') change({ q: undefined });
  };
  const none = hits.length ? undefined : 'Nothing is found';
  return (
    <div className={styles.tools} role="search" aria-label="Log">
      {hasKeys ? <SearchKey perform={() => field.current?.focus()} /> : null}
      <input
        ref={field}
        type="search"
        className={styles.field}
        aria-label="Search the log"
        placeholder={hasKeys ? 'Search   /' : 'Search'}
        maxLength={128}
        value={search.q ?? ''}
        onChange={(event) => change({ q: event.target.value || undefined })}
        onKeyDown={press}
      />
      <span role="status" className={styles.hits}>
        {search.q ? hitsText(hits, at) : ''}
      </span>
      {search.q ? (
        <span className={styles.pair}>
          <Button
            kind="quiet"
            className={styles.tool}
            aria-label="Previous hit"
            unavailable={none}
            onClick={() => onHit(-1)}
          >
            <ChevronUp size={15} aria-hidden="true" />
          </Button>
          <Button
            kind="quiet"
            className={styles.tool}
            aria-label="Next hit"
            unavailable={none}
            onClick={() => onHit(1)}
          >
            <ChevronDown size={15} aria-hidden="true" />
          </Button>
        </span>
      ) : null}
      <label className={styles.choice}>
        <input
          type="checkbox"
          checked={search.errors === true}
          onChange={(event) => change({ errors: event.target.checked ? true : undefined })}
        />
        Errors only <span className="numbers">({errors})</span>
      </label>
      {follows === undefined ? null : (
        <label className={styles.choice}>
          <input type="checkbox" checked={follows} onChange={(event) => onFollow(event.target.checked)} />
          Follow
        </label>
      )}
      <span className={styles.ways}>
        <span className={styles.count}>
          {shown.length.toLocaleString('en')} {shown.length === 1 ? 'line' : 'lines'}
        </span>
        <CopyButton label="the log" text={() => textOf(shown)} className={styles.tool} />
        <Button
          kind="quiet"
          className={styles.tool}
          aria-label="Download the log"
          onClick={() => saveFile(`${name.replaceAll('/', '-')}.log`, textOf(shown), 'text/plain')}
        >
          <Download size={14} aria-hidden="true" />
          Download
        </Button>
      </span>
    </div>
  );
}

function SearchKey({ perform }: { readonly perform: () => void }): null {
  useAction({ id: 'log-search', label: 'Search the log', section: 'This page', keys: '/', perform });
  return null;
}
