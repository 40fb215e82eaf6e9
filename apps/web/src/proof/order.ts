/** Check `order`: canonical order, and the context held against the definition (spec/pcq-v1.md, 3). */

import { modelsOf, type Definition } from './definition.ts';
import { byBytes } from './json/value.ts';
import type { Manifest } from './manifest.ts';
import { FAULT, finding, type Finding } from './report.ts';
import { got } from './shape/shapes.ts';

type Graph = ReadonlyMap<string, readonly string[]>;

/** Findings where steps, context, header and definition disagree about what runs after what. */
export function checkOrder(manifest: Manifest, definition: Definition | null): Finding[] {
  const { context, dependsOn, header } = manifest;
  const names = context.steps.map((item) => item.stepId);
  if (new Set(names).size !== names.length) {
    return [finding(FAULT.invalid, 'context.steps', 'a stepId occurs twice')];
  }
  const findings = dependencyProblems(dependsOn);
  if (!findings.length) {
    findings.push(...differences('context.steps', canonicalOrder(dependsOn), names, 'the canonical order'));
  }
  const recorded = manifest.steps.map((step) => step.stepId);
  findings.push(...differences('steps', names, recorded, "the context's order"));
  findings.push(...unequal('context', context, header, 'as in the header'));
  if (definition === null) {
    const message = 'cannot be compared: the definition is not there';
    return [...findings, finding(FAULT.incomplete, 'context', message)];
  }
  return [
    ...findings,
    ...unequal('context', context, definition, 'as in the definition'),
    ...againstDefinition(dependsOn, definition),
    ...modelProblems(context.models, modelsOf(definition)),
  ];
}

interface Named {
  readonly runbookId: string;
  readonly version: string;
}

function unequal(where: string, found: Named, wanted: Named, why: string): Finding[] {
  const members = ['runbookId', 'version'] as const;
  return members.flatMap((member) => {
    const message = `expected ${got(wanted[member])} ${why}, got ${got(found[member])}`;
    return found[member] === wanted[member] ? [] : [finding(FAULT.invalid, `${where}.${member}`, message)];
  });
}

function dependencyProblems(dependsOn: Graph): Finding[] {
  const findings: Finding[] = [];
  for (const [name, dependencies] of dependsOn) {
    const where = `context.steps, step ${name}`;
    if (dependencies.some((item, at) => at > 0 && byBytes(dependencies[at - 1] as string, item) >= 0)) {
      const message = 'dependsOn is not sorted by UTF-8 bytes without repetition';
      findings.push(finding(FAULT.invalid, where, message));
    }
    for (const dependency of dependencies) {
      if (!dependsOn.has(dependency)) {
        findings.push(finding(FAULT.invalid, where, `depends on ${got(dependency)}, which is no step`));
      }
    }
  }
  return findings;
}

/** Kahn's algorithm, the smallest ready stepId first; steps of a cycle are left out. */
function canonicalOrder(dependsOn: Graph): string[] {
  const waiting = new Map([...dependsOn].map(([name, dependencies]) => [name, dependencies.length]));
  const dependents = new Map<string, string[]>([...dependsOn.keys()].map((name) => [name, []]));
  for (const [name, dependencies] of dependsOn) {
    for (const dependency of dependencies) dependents.get(dependency)?.push(name);
  }
  const ready = new Heap();
  for (const [name, count] of waiting) if (!count) ready.push(name);
  const order: string[] = [];
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    order.push(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, left);
      if (!left) ready.push(dependent);
    }
  }
  return order;
}

/** A binary heap of identifiers, the smallest first. */
class Heap {
  private readonly items: string[] = [];

  push(item: string): void {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (byBytes(this.items[parent] as string, item) <= 0) break;
      this.items[at] = this.items[parent] as string;
      at = parent;
    }
    this.items[at] = item;
  }

  pop(): string | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (last === undefined || !this.items.length) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.items.length) break;
      const right = this.items[child + 1];
      if (right !== undefined && byBytes(right, this.items[child] as string) < 0) child += 1;
      if (byBytes(last, this.items[child] as string) <= 0) break;
      this.items[at] = this.items[child] as string;
      at = child;
    }
    this.items[at] = last;
    return top;
  }
}

function differences(
  where: string,
  expected: readonly string[],
  found: readonly string[],
  by: string,
): Finding[] {
  const at = expected.findIndex((name, index) => found[index] !== name);
  if (at >= 0 && at < found.length) {
    const message = `expected ${got(expected[at])} by ${by}, got ${got(found[at])}`;
    return [finding(FAULT.invalid, `${where}.${at}`, message)];
  }
  if (expected.length === found.length) return [];
  const message = `expected ${expected.length} steps by ${by}, got ${found.length}`;
  return [finding(FAULT.invalid, where, message)];
}

function againstDefinition(dependsOn: Graph, definition: Definition): Finding[] {
  const names = new Set([...definition.steps.keys(), ...dependsOn.keys()]);
  return [...names].sort(byBytes).flatMap((name) => {
    const declared = definition.steps.get(name)?.dependsOn;
    const recorded = dependsOn.get(name);
    const where = `context.steps, step ${name}`;
    if (!declared) return [finding(FAULT.invalid, where, 'the definition has no such step')];
    if (!recorded)
      return [finding(FAULT.invalid, 'context.steps', `step ${name} of the definition is missing`)];
    if (declared.length === recorded.length && declared.every((item, at) => item === recorded[at])) return [];
    const message = `expected dependsOn ${got(declared)} as in the definition, got ${got(recorded)}`;
    return [finding(FAULT.invalid, where, message)];
  });
}

function modelProblems(
  named: Readonly<Record<string, string>>,
  used: ReadonlyMap<string, ReadonlySet<string>>,
): Finding[] {
  return [...new Set([...Object.keys(named), ...used.keys()])].sort(byBytes).flatMap((name) => {
    const where = `context.models, ${name}`;
    const pins = used.get(name);
    const found = named[name];
    if (!pins) return [finding(FAULT.invalid, where, 'no step of the definition scores with it')];
    if (found === undefined) {
      return [
        finding(FAULT.invalid, where, 'a step of the definition scores with it, and the context lacks it'),
      ];
    }
    const others = [...pins].filter((pinned) => pinned !== found);
    return others.map((pinned) =>
      finding(FAULT.invalid, where, `expected ${pinned} as the definition pins it, got ${found}`),
    );
  });
}
