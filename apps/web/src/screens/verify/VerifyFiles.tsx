import { useMemo, useState, type ReactElement, type ReactNode } from 'react';

import type { Profile } from '../../proof/report.ts';
import { digestOfHash } from '../../verify/pin.ts';
import { headItem, profileOf, questionOf } from '../../verify/question.ts';
import { Asked } from './Asked.tsx';
import { DropZone } from './DropZone.tsx';
import { FileList } from './FileList.tsx';
import { Refusals } from './Refusals.tsx';
import { Result } from './Result.tsx';
import { Running } from './Running.tsx';
import type { Files } from './useFiles.ts';
import type { Choice } from './useKeys.ts';
import { useVerification } from './useVerification.ts';
import type { Verifiers } from './verifiers.ts';
import styles from './VerifyFiles.module.css';

interface Props {
  readonly files: Files;
  readonly choice: Choice;
  readonly verifiers: Verifiers;
  /** How far files are that come from elsewhere. */
  readonly children?: ReactNode;
}

/** Files, what is asked of them, and the verdict: needs no service, no address and no network. */
export function VerifyFiles({ files, choice, verifiers, children }: Props): ReactElement {
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState<Profile | null>(null);
  const [expected, setExpected] = useState(() => digestOfHash(window.location.hash) ?? '');
  const { items } = files;
  const { keys } = choice;
  const head = useMemo(() => headItem(items, chosen), [items, chosen]);
  const own = useMemo(() => (head ? profileOf(head) : 'full'), [head]);
  const profile = asked ?? own;
  const question = useMemo(
    () => (head && keys ? questionOf(items, head, keys.bytes, profile) : null),
    [head, items, keys, profile],
  );
  const { verification, cancel, again } = useVerification(question, verifiers);
  const form =
    items.length > 0 ? (
      <div className={styles.ask}>
        <FileList files={files} head={head} onHead={setChosen} />
        <Asked
          choice={choice}
          expected={expected}
          onExpected={setExpected}
          profile={profile}
          isLessOfItself={own !== 'full'}
          onProfile={setAsked}
        />
      </div>
    ) : null;
  return (
    <div className={styles.stack}>
      <DropZone
        small={items.length > 0}
        onFiles={(chosenFiles, folders) => void files.add(chosenFiles, folders)}
      />
      <Refusals refusals={files.refusals} />
      {children}
      {items.length > 0 && !head ? (
        <p className={styles.none}>There is no proof among these files: add the .pcq file.</p>
      ) : null}
      {verification.state === 'done' ? (
        <Result {...verification} keys={keys?.words ?? ''} expected={expected}>
          {form}
        </Result>
      ) : (
        <>
          <Running verification={verification} onCancel={cancel} onAgain={again} />
          {form}
        </>
      )}
    </div>
  );
}
