/** Steps that belong together by their names: `load/1` to `load/48`, `fetch[3]`, `derive-12`. Pure. */

/** Fewer are no family: it would hide more than it spares. */
export const LEAST = 8;

/** The name that a step shares with its like: what stands before its number, or before its last `/`. */
export function stem(stepId: string): string | null {
  const found = /^(.+?)(?:\[[^\]]*\]|[-_.:/]\d+|\/[^/]*)$/.exec(stepId);
  return found?.[1] ?? null;
}

/** The family of each step that is in one, by step id. */
export function familiesOf(stepIds: readonly string[]): ReadonlyMap<string, string> {
  const sizes = new Map<string, number>();
  const stems = stepIds.map(stem);
  for (const name of stems) if (name !== null) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  return new Map(
    stepIds.flatMap((stepId, index) => {
      const name = stems[index] ?? null;
      return name !== null && (sizes.get(name) ?? 0) >= LEAST ? [[stepId, name] as const] : [];
    }),
  );
}
