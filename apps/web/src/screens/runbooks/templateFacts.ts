/** What is said of a runbook in few words. Pure. */

import type { JsonSchema, StepStatus } from '../../api/types.ts';

/** What is looked at of a runbook. */
interface Kinds {
  readonly steps: readonly Pick<StepStatus, 'stepId' | 'type'>[];
}

/** `8 steps: 3 query, 1 external_api, …`, the most frequent first. */
export function stepKinds(template: Kinds): string {
  const counts = new Map<string, number>();
  for (const step of template.steps) counts.set(step.type, (counts.get(step.type) ?? 0) + 1);
  const kinds = [...counts]
    .sort((one, other) => other[1] - one[1])
    .map(([kind, count]) => `${String(count)} ${kind}`);
  const steps = template.steps.length === 1 ? '1 step' : `${String(template.steps.length)} steps`;
  return kinds.length ? `${steps}: ${kinds.join(', ')}` : steps;
}

const EFFECTS: Readonly<Record<string, string>> = {
  mutation: 'changes the graph',
  external_api: 'asks another service',
  notify: 'sends messages',
  export: 'writes files',
  approval: 'asks people',
  runbook: 'begins other runbooks',
};

/** What it does outside of itself, in the order of its steps. */
export function effects(
  template: Kinds,
): readonly { readonly what: string; readonly steps: readonly string[] }[] {
  const found = new Map<string, string[]>();
  for (const step of template.steps) {
    const what = EFFECTS[step.type];
    if (what) found.set(what, [...(found.get(what) ?? []), step.stepId]);
  }
  return [...found].map(([what, steps]) => ({ what, steps }));
}

/** What a step does to the world outside, as a dry run tells it: `endpoint https://…, method POST`. */
export function touched(what: Readonly<Record<string, unknown>>): string {
  return Object.entries(what)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** A parameter's bounds in words: `number, 0 to 1`. */
export function bounds(schema: JsonSchema): string {
  const kind = schema.enum
    ? `one of ${schema.enum.map(String).join(', ')}`
    : [schema.type ?? 'any'].flat().join(' or ');
  const { minimum, maximum, minLength, maxLength, pattern, format } = schema;
  return [
    kind,
    minimum !== undefined && maximum !== undefined
      ? `${String(minimum)} to ${String(maximum)}`
      : minimum !== undefined
        ? `at least ${String(minimum)}`
        : maximum !== undefined
          ? `at most ${String(maximum)}`
          : '',
    minLength !== undefined || maxLength !== undefined
      ? `${String(minLength ?? 0)} to ${String(maxLength ?? '∞')} characters`
      : '',
    format ?? '',
    pattern ? `like ${pattern}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}
