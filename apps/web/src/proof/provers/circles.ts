/** Combinations that contain themselves (spec/provers.md, 14). */

/**
 * The names that reach themselves, directly or not; `names` maps each combination to those that it names. Kosaraju's two
 * walks, without recursion: a chain may be 10,000 deep.
 */
export function selfContaining(names: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const inner = new Map<string, string[]>();
  const outer = new Map<string, string[]>([...names.keys()].map((name) => [name, []]));
  for (const [name, others] of names) {
    const known = others.filter((other) => names.has(other));
    inner.set(name, known);
    for (const other of known) outer.get(other)?.push(name);
  }
  const seen = new Set<string>();
  const left = [...inner.keys()].flatMap((name) => walk(name, inner, seen));
  const circles = new Set<string>();
  seen.clear();
  for (const start of left.toReversed()) {
    const component = walk(start, outer, seen);
    const isCircle = component.length > 1 || inner.get(start)?.includes(start);
    if (isCircle) component.forEach((name) => circles.add(name));
  }
  return circles;
}

/** What is reached from `start` and was not seen, in the order of being left. */
function walk(start: string, graph: ReadonlyMap<string, string[]>, seen: Set<string>): string[] {
  if (seen.has(start)) return [];
  seen.add(start);
  const left: string[] = [];
  const waiting = [{ name: start, next: 0 }];
  for (let top = waiting.at(-1); top; top = waiting.at(-1)) {
    const other = graph.get(top.name)?.[top.next++];
    if (other === undefined) left.push((waiting.pop() as { name: string }).name);
    else if (!seen.has(other)) {
      seen.add(other);
      waiting.push({ name: other, next: 0 });
    }
  }
  return left;
}
