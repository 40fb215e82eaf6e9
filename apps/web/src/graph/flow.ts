/** What is drawn of a run: nodes and edges in the words of the library that draws them. Pure, and without React. */

import type { Edge } from '@xyflow/react';

import type { StepStatus } from '../api/types.ts';
import { groupLook, tallyOf, tallyText } from './tally.ts';
import { stepLook } from '../ui/status.ts';
import type { Drawn } from './condense.ts';
import type { FlowNodeData } from './FlowNode.tsx';
import { layout } from './layout.ts';

/** In the graph's own pixels. */
export const NODE = { width: 188, height: 44 } as const;
const GRID = { column: 252, row: 60 } as const;

export interface Placed extends Drawn {
  readonly x: number;
  readonly y: number;
}

export function placed(drawn: readonly Drawn[]): readonly Placed[] {
  const { x, y } = layout(drawn, GRID);
  return drawn.map((node, at) => ({ ...node, x: x[at] ?? 0, y: y[at] ?? 0 }));
}

/** `lit` are those that stay bright when something is pointed at; null leaves all of them so. */
export function nodesOf(
  nodes: readonly Placed[],
  steps: ReadonlyMap<string, StepStatus>,
  selected: string | undefined,
  lit: ReadonlySet<string> | null,
): FlowNodeData[] {
  return nodes.map((node) => ({
    id: node.id,
    type: 'step',
    position: { x: node.x, y: node.y },
    width: NODE.width,
    height: NODE.height,
    data: {
      ...shownOf(node, steps),
      isGroup: node.name !== null,
      isChosen: selected !== undefined && node.members.includes(selected),
      isDim: lit !== null && !lit.has(node.id),
    },
  }));
}

function shownOf(
  node: Placed,
  steps: ReadonlyMap<string, StepStatus>,
): Pick<FlowNodeData['data'], 'look' | 'label' | 'note'> {
  const inside = node.members.flatMap((id) => steps.get(id) ?? []);
  const only = inside[0];
  if (node.name === null && only) {
    const items = only.items ? ` × ${String(only.items)}` : '';
    return { look: stepLook(only), label: only.stepId, note: `${only.type ?? ''}${items}` };
  }
  const tally = tallyOf(inside);
  return { look: groupLook(tally), label: node.name ?? node.id, note: tallyText(tally) };
}

export function edgesOf(
  nodes: readonly Placed[],
  lit: ReadonlySet<string> | null,
  names: { readonly lit: string; readonly dim: string },
): Edge[] {
  const there = new Set(nodes.map((node) => node.id));
  return nodes.flatMap((node) =>
    node.needs
      .filter((need) => there.has(need))
      .map((need) => ({
        id: `${need}>${node.id}`,
        source: need,
        target: node.id,
        className: lit === null ? '' : lit.has(need) && lit.has(node.id) ? names.lit : names.dim,
      })),
  );
}

/** What to look at first: what is in trouble, else what runs; everything when it is small, or when there is neither. */
export function firstSight(nodes: readonly FlowNodeData[]): readonly { id: string }[] {
  if (nodes.length <= 24) return nodes;
  const found =
    nodes.find((node) => node.data.look.tone === 'bad' || node.data.look.tone === 'warn') ??
    nodes.find((node) => node.data.look.tone === 'busy');
  if (!found) return nodes.slice(0, 24);
  const near = (node: FlowNodeData): number =>
    Math.hypot(node.position.x - found.position.x, node.position.y - found.position.y);
  return nodes.toSorted((left, right) => near(left) - near(right)).slice(0, 12);
}
