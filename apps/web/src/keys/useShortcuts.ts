/** Keys that are pressed anywhere on the page do what the registry says: once, in the frame of the page. */

import { useEffect } from 'react';

import { registry } from './registry.ts';

export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (registry.press(event)) event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
