/**
 * A graph of more nodes than can be drawn, drawn as fewer: steps of one rank and family become one node, then all of a
 * rank, then several ranks. What has to be seen stays by itself. Pure.
 */

import { familiesOf } from './families.ts';
import { ranksOf, type GraphNode } from './layout.ts';

/** One node as it is drawn: a step, or many of them. `ahead` is what it needs. */
export interface Drawn extends GraphNode {
  readonly members: readonly string[];
  /** What a group is called; null for a step. */
  readonly name: string | null;
}

/** `alone` are the steps that are not put into a group; of them too only as many as there is room for. */
export function condense(
  steps: readonly GraphNode[],
  most: number,
  alone: ReadonlySet<string>,
): readonly Drawn[] {
  if (steps.length <= most) {
    return steps.map((step) => ({ ...step, members: [step.id], name: null }));
  }
  const ranks = ranksOf(steps);
  const families = familiesOf(steps.map((step) => step.id));
  const kept = new Set([...alone].slice(0, Math.floor(most / 2)));
  const room = most - kept.size;
  const name = steps.map((step, at) => families.get(step.id) ?? `level ${String((ranks[at] ?? 0) + 1)}`);
  const keys = [
    steps.map((_, at) => `${String(ranks[at])}:${name[at] ?? ''}`),
    steps.map((_, at) => `${String(ranks[at])}:`),
  ].find((made) => new Set(made).size <= room);
  return grouped(steps, keys ?? bands(ranks, room), kept);
}

function bands(ranks: Int32Array, room: number): string[] {
  const size = Math.ceil((ranks.reduce((most, rank) => Math.max(most, rank), 0) + 1) / room);
  return Array.from(ranks, (rank) => `${String(Math.floor(rank / size))}:`);
}

function grouped(
  steps: readonly GraphNode[],
  keys: readonly string[],
  kept: ReadonlySet<string>,
): readonly Drawn[] {
  const members = new Map<string, GraphNode[]>();
  const band = new Map<string, string>();
  steps.forEach((step, at) => {
    const key = keys[at] ?? '';
    band.set(step.id, key);
    const own = kept.has(step.id) ? step.id : `group ${key}`;
    const found = members.get(own);
    if (found) found.push(step);
    else members.set(own, [step]);
  });
  const drawnAs = new Map<string, string>();
  for (const [id, inside] of members) {
    for (const step of inside) drawnAs.set(step.id, inside.length === 1 ? step.id : id);
  }
  return [...members].map(([id, inside]) => node(id, inside, drawnAs, band));
}

/** Ties within one group, and between a group and what was taken out of it, are not drawn: they could make a circle. */
function node(
  id: string,
  inside: readonly GraphNode[],
  drawnAs: ReadonlyMap<string, string>,
  band: ReadonlyMap<string, string>,
): Drawn {
  const own = inside[0] ? band.get(inside[0].id) : undefined;
  const needs = inside.flatMap((step) =>
    step.needs.flatMap((need) => (band.get(need) === own ? [] : [drawnAs.get(need) ?? need])),
  );
  const first = inside[0];
  if (inside.length === 1 && first) {
    return { id: first.id, needs: [...new Set(needs)], members: [first.id], name: null };
  }
  return { id, needs: [...new Set(needs)], members: inside.map((step) => step.id), name: called(id, inside) };
}

function called(id: string, inside: readonly GraphNode[]): string {
  const name = id.slice(id.indexOf(':') + 1);
  if (name) return name;
  const [first, last] = [inside[0]?.id ?? '', inside.at(-1)?.id ?? ''];
  return `${first} … ${last}`;
}
