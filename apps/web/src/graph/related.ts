/** What a node depends on, all the way back, and what depends on it. Pure. */

import type { GraphNode } from './layout.ts';

/** `id` itself is in it. Empty for one that is not there. */
export function related(nodes: readonly GraphNode[], id: string): ReadonlySet<string> {
  const before = new Map(nodes.map((node) => [node.id, node.needs]));
  if (!before.has(id)) return new Set();
  const after = new Map<string, string[]>();
  for (const node of nodes) {
    for (const need of node.needs) {
      const found = after.get(need);
      if (found) found.push(node.id);
      else after.set(need, [node.id]);
    }
  }
  return new Set([...reached(id, before), ...reached(id, after)]);
}

function reached(id: string, next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set([id]);
  for (const one of found) for (const other of next.get(one) ?? []) found.add(other);
  return found;
}
