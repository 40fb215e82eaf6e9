/** One function that stays the same, and does what the newest one does. For what is called by events only. */

import { useCallback, useEffect, useRef } from 'react';

export function useSame<Given extends readonly unknown[]>(
  perform: (...given: Given) => void,
): (...given: Given) => void {
  const newest = useRef(perform);
  useEffect(() => {
    newest.current = perform;
  });
  return useCallback((...given: Given) => newest.current(...given), []);
}
