/** What is drawn of a run: nodes and edges in the words of the library that draws them. Pure, and without React. */

import type { Edge } from '@xyflow/react';

import type { StepStatus } from '../api/types.ts';
import { groupLook, tallyOf, tallyText } from './tally.ts';
import { stepLook, type Look, type Tone } from '../ui/status.ts';
import type { Drawn } from './condense.ts';
import type { FlowNodeData } from './FlowNode.tsx';
import { layout } from './layout.ts';

/** In the graph's own pixels. */
export const NODE = { width: 172, height: 44 } as const;
const GRID = { column: 220, row: 58 } as const;

export interface Placed extends Drawn {
  readonly x: number;
  readonly y: number;
}

export function placed(drawn: readonly Drawn[]): readonly Placed[] {
  const { x, y } = layout(drawn, GRID);
  return drawn.map((node, at) => ({ ...node, x: x[at] ?? 0, y: y[at] ?? 0 }));
}

/** How one node stands: all that can change of it while a run goes on. */
export interface NodeShown {
  readonly look: Look;
  readonly label: string;
  readonly note: string;
  readonly isGroup: boolean;
  readonly isChosen: boolean;
  readonly isDim: boolean;
}

/** In the words of the library; `shownOf` has what changes of them. */
export function nodesOf(nodes: readonly Placed[]): FlowNodeData[] {
  return nodes.map((node) => ({
    id: node.id,
    type: 'step',
    position: { x: node.x, y: node.y },
    width: NODE.width,
    height: NODE.height,
    data: {},
  }));
}

/** By the node's id. `lit` are those that stay bright when something is pointed at; null leaves all of them so. */
export function shownOf(
  nodes: readonly Placed[],
  steps: readonly StepStatus[],
  selected: string | undefined,
  lit: ReadonlySet<string> | null,
): ReadonlyMap<string, NodeShown> {
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  return new Map(
    nodes.map((node) => [
      node.id,
      {
        ...saidOf(node, byId),
        isGroup: node.name !== null,
        isChosen: selected !== undefined && node.members.includes(selected),
        isDim: lit !== null && !lit.has(node.id),
      },
    ]),
  );
}

function saidOf(
  node: Placed,
  steps: ReadonlyMap<string, StepStatus>,
): Pick<NodeShown, 'look' | 'label' | 'note'> {
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

/** What to look at first when not all can be read at once: what is in trouble, else what runs, else the beginning. */
export function firstSight(
  nodes: readonly Placed[],
  shown: ReadonlyMap<string, NodeShown>,
): string | undefined {
  const find = (...tones: readonly Tone[]): Placed | undefined =>
    nodes.find((node) => tones.includes(shown.get(node.id)?.look.tone ?? 'calm'));
  return (find('bad', 'warn') ?? find('busy') ?? nodes[0])?.id;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Below this, names cannot be read. */
export const READABLE = 0.62;
const MARGIN = 24;

/** All of it where its names can be read then, else the part round `focus`, without an empty side where there is more. */
export function viewportOf(nodes: readonly Placed[], focus: Placed | undefined, room: Size): Viewport {
  const all = extentOf(nodes);
  const whole = Math.min((room.width - 2 * MARGIN) / all.width, (room.height - 2 * MARGIN) / all.height, 1);
  const zoom = Math.max(whole, READABLE);
  const along = (at: number, size: number, space: number): number => {
    const centred = (space - size * zoom) / 2;
    if (centred >= MARGIN) return centred;
    return Math.min(MARGIN, Math.max(space / 2 - at * zoom, space - MARGIN - size * zoom));
  };
  return {
    x: along((focus?.x ?? 0) + NODE.width / 2, all.width, room.width),
    y: along((focus?.y ?? 0) + NODE.height / 2, all.height, room.height),
    zoom,
  };
}

export type Side = 'left' | 'right' | 'up' | 'down';

/** Which nodes cannot be seen at all, by the side where they lie; one that lies to two sides counts beside, not above. */
export function outOfSight(
  nodes: readonly Placed[],
  view: Viewport,
  room: Size,
): ReadonlyMap<Side, readonly Placed[]> {
  const found = new Map<Side, Placed[]>();
  for (const node of nodes) {
    const side = sideOf(node, view, room);
    if (side) found.set(side, [...(found.get(side) ?? []), node]);
  }
  return found;
}

function sideOf(node: Placed, view: Viewport, room: Size): Side | null {
  const left = node.x * view.zoom + view.x;
  const top = node.y * view.zoom + view.y;
  if (left + NODE.width * view.zoom <= 0) return 'left';
  if (left >= room.width) return 'right';
  if (top + NODE.height * view.zoom <= 0) return 'up';
  return top >= room.height ? 'down' : null;
}

/** How large the graph is; it begins at 0, 0. */
export function extentOf(nodes: readonly Placed[]): Size {
  return nodes.reduce<Size>(
    (size, node) => ({
      width: Math.max(size.width, node.x + NODE.width),
      height: Math.max(size.height, node.y + NODE.height),
    }),
    { width: NODE.width, height: NODE.height },
  );
}

/** Pixels for the drawing: as high as it is when it can be read, within bounds. */
export function heightOf(nodes: readonly Placed[]): number {
  return Math.min(Math.max(extentOf(nodes).height * 0.8 + 2 * MARGIN, 180), 440);
}
