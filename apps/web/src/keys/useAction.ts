/** An action for as long as a component is there. */

import { useEffect, useRef } from 'react';

import { registry, type KeyAction } from './registry.ts';

export function useAction(action: KeyAction): void {
  const perform = useRef(action.perform);
  useEffect(() => {
    perform.current = action.perform;
  });
  const { id, label, section, keys, disabled } = action;
  useEffect(
    () =>
      registry.add({
        id,
        label,
        section,
        ...(keys === undefined ? {} : { keys }),
        ...(disabled === undefined ? {} : { disabled }),
        perform: () => perform.current(),
      }),
    [id, label, section, keys, disabled],
  );
}
