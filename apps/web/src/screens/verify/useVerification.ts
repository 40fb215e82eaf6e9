/** One verification at a time, in a worker that is ended with it. */

import { useCallback, useEffect, useRef, useState } from 'react';

import type { Progress } from '../../proof/pace.ts';
import type { Answer } from '../../proof/protocol.ts';
import type { Report } from '../../proof/report.ts';
import { requestOf, type Question } from '../../verify/question.ts';
import type { Verifiers } from './verifiers.ts';

export const LIMITS_MS = [60_000, 600_000] as const;
// Drawing the page takes time from the verifier where there are few cores.
const SHOWN_EVERY_MS = 200;

export type Verification =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly progress: Progress | null }
  | {
      readonly state: 'done';
      readonly question: Question;
      readonly report: Report;
      readonly milliseconds: number;
      readonly at: string;
    }
  | { readonly state: 'ended'; readonly why: 'cancelled' | 'too long' }
  | { readonly state: 'failed'; readonly message: string };

interface Controls {
  readonly verification: Verification;
  readonly cancel: () => void;
  /** From the start, with the time limit of that number in LIMITS_MS. */
  readonly again: (limit: number) => void;
}

/** Begins whenever the question is another one; null asks nothing. */
export function useVerification(question: Question | null, verifiers: Verifiers): Controls {
  const [tried, setTried] = useState({ limit: 0 });
  const [kept, setKept] = useState<Kept>({ question: null, tried, is: { state: 'idle' } });
  useEffect(() => verifiers.prepare(), [verifiers]);
  const run = useRef<{ end: () => void } | null>(null);
  useEffect(() => {
    if (!question) return undefined;
    const limit = LIMITS_MS[tried.limit] ?? LIMITS_MS[0];
    const begun = begin(verifiers, question, limit, (is) => setKept({ question, tried, is }));
    run.current = begun;
    return begun.end;
  }, [question, tried, verifiers]);
  const cancel = useCallback(() => {
    run.current?.end();
    setKept({ question, tried, is: { state: 'ended', why: 'cancelled' } });
  }, [question, tried]);
  const again = useCallback((limit: number) => setTried({ limit }), []);
  // What is kept may be of another question, or of the try before.
  const isOfThis = kept.question === question && kept.tried === tried;
  const verification: Verification = isOfThis ? kept.is : { state: 'running', progress: null };
  return { verification: question ? verification : { state: 'idle' }, cancel, again };
}

interface Kept {
  readonly question: Question | null;
  readonly tried: object;
  readonly is: Verification;
}

function begin(
  verifiers: Verifiers,
  question: Question,
  limit: number,
  tell: (is: Verification) => void,
): { end: () => void } {
  const verifier = verifiers.open();
  const started = performance.now();
  const end = (): void => {
    clearTimeout(timer);
    verifier.end();
    verifiers.prepare();
  };
  const settle = (is: Verification): void => {
    end();
    tell(is);
  };
  const timer = setTimeout(() => settle({ state: 'ended', why: 'too long' }), limit);
  let shown = started;
  const hear = (answer: Answer): void => {
    if (answer.kind === 'progress') {
      if (performance.now() - shown < SHOWN_EVERY_MS) return;
      shown = performance.now();
      tell({ state: 'running', progress: answer.progress });
    } else if (answer.kind === 'report') {
      const milliseconds = performance.now() - started;
      settle({ state: 'done', question, report: answer.report, milliseconds, at: new Date().toISOString() });
    } else settle({ state: 'failed', message: answer.kind === 'failed' ? answer.message : 'it gave up' });
  };
  verifier.ask(requestOf(question, 1), hear, (message) => settle({ state: 'failed', message }));
  return { end };
}
