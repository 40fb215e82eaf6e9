/** `j` and `k` move the focus among the rows of a page: the elements that are marked `data-row`. */

import { useAction } from './useAction.ts';

export function useRowKeys(what: string): void {
  useAction({
    id: 'row-next',
    label: `Next ${what}`,
    section: 'This page',
    keys: 'j',
    perform: () => move(1),
  });
  useAction({
    id: 'row-previous',
    label: `Previous ${what}`,
    section: 'This page',
    keys: 'k',
    perform: () => move(-1),
  });
}

function move(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.focus();
}
