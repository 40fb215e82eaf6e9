import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactElement } from 'react';

import { proofQuery } from '../../api/queries.ts';
import type { Profile } from '../../proof/report.ts';
import { Page } from '../../ui/Page.tsx';
import { ProblemPanel, Skeleton } from '../../ui/States.tsx';
import { digestOfHash } from '../../verify/pin.ts';
import { headItem, profileOf, questionOf } from '../../verify/question.ts';
import { Asked } from './Asked.tsx';
import { DropZone } from './DropZone.tsx';
import { FileList } from './FileList.tsx';
import { Refusals } from './Refusals.tsx';
import { Result } from './Result.tsx';
import { Running } from './Running.tsx';
import { useFiles, type Files } from './useFiles.ts';
import { useKeys } from './useKeys.ts';
import { useVerification } from './useVerification.ts';
import styles from './Verify.module.css';

const route = getRouteApi('/shell/verify');

/** Verify a proof in this tab: signed in or not, with or without a network. */
export function Verify(): ReactElement {
  const files = useFiles();
  const served = useServed(files);
  const choice = useKeys(files.items);
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
  const { verification, cancel, again } = useVerification(question);
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
    <Page
      title="Verify a proof"
      lead="Nothing leaves this tab. It works signed out, and without a network once it is open."
    >
      <div className={styles.stack}>
        <DropZone
          small={items.length > 0}
          onFiles={(chosenFiles, folders) => void files.add(chosenFiles, folders)}
        />
        <Refusals refusals={files.refusals} />
        {served.isLoading ? <Skeleton rows={1} /> : null}
        {served.isError ? <ProblemPanel error={served.error} retry={() => void served.refetch()} /> : null}
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
    </Page>
  );
}

/** The proof that the address names, as the service sends it to this person. */
function useServed({ take }: Files): {
  isLoading: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
} {
  const { execution, blocked = false } = route.useSearch();
  const query = useQuery({ ...proofQuery(execution ?? '', blocked), enabled: execution !== undefined });
  const { data } = query;
  useEffect(() => {
    if (data && execution !== undefined) void take(`service ${execution}`, `${execution}.pcq`, data);
  }, [data, execution, take]);
  return query;
}
