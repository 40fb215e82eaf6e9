/** Graphs and rows of any run that the generator makes: what holds of all of them, and what of some that matter. */

import { describe, expect, test } from 'vitest';

import { condense } from '../src/graph/condense.ts';
import { familiesOf, LEAST, stem } from '../src/graph/families.ts';
import {
  extentOf,
  heightOf,
  NODE,
  outOfSight,
  placed,
  READABLE,
  type Placed,
  viewportOf,
} from '../src/graph/flow.ts';
import { layout, ranksOf, type GraphNode } from '../src/graph/layout.ts';
import { related } from '../src/graph/related.ts';

const GRID = { column: 200, row: 50 };
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Up to `most` steps; each needs up to three of the twenty before it. Names mix families and single ones. */
function graph(seed: number, most = 120): GraphNode[] {
  const next = random(seed);
  const count = 1 + Math.floor(next() * most);
  return Array.from({ length: count }, (_, at) => ({
    id:
      next() < 0.5
        ? `load-${String(at % 3)}/${String(at)}`
        : `step${String.fromCharCode(97 + (at % 26))}x${'y'.repeat(Math.floor(at / 26))}`,
    needs: [] as string[],
  })).map((node, at, all) => ({
    ...node,
    needs: Array.from({ length: Math.min(at, Math.floor(next() * 4)) }, () => {
      const back = 1 + Math.floor(next() * Math.min(at, 20));
      return all[at - back]?.id ?? '';
    }),
  }));
}

describe('layout', () => {
  test.each(SEEDS)('what a step needs is left of it, and none lies on another (seed %i)', (seed) => {
    const nodes = graph(seed);
    const { x, y, ranks } = layout(nodes, GRID);
    const at = new Map(nodes.map((node, position) => [node.id, position]));
    nodes.forEach((node, position) => {
      for (const need of node.needs) {
        const left = x[at.get(need) ?? -1] ?? NaN;
        expect(left + GRID.column).toBeLessThanOrEqual(x[position] ?? NaN);
      }
    });
    const columns = Map.groupBy(nodes.keys(), (position) => ranks[position]);
    for (const column of columns.values()) {
      const rows = [...column].map((position) => y[position] ?? NaN).sort((one, other) => one - other);
      rows.forEach((row, index) => {
        if (index > 0) expect(row - (rows[index - 1] ?? NaN)).toBeGreaterThanOrEqual(GRID.row - 1e-6);
      });
    }
    expect(Math.min(...y)).toBeCloseTo(0);
  });

  test('the same graph is drawn the same twice', () => {
    expect(layout(graph(7), GRID)).toEqual(layout(graph(7), GRID));
  });

  test('a chain is a straight line', () => {
    const chain = ['a', 'b', 'c', 'd'].map((id, at, all) => ({
      id,
      needs: all.slice(Math.max(at - 1, 0), at),
    }));
    const { x, y } = layout(chain, GRID);
    expect([...x]).toEqual([0, 200, 400, 600]);
    expect(new Set(y)).toEqual(new Set([0]));
  });

  test('crossed ties are untangled', () => {
    const nodes = [
      { id: 'a', needs: [] },
      { id: 'b', needs: [] },
      { id: 'of-b', needs: ['b'] },
      { id: 'of-a', needs: ['a'] },
    ];
    const { y } = layout(nodes, GRID);
    expect((y[0] ?? 0) < (y[1] ?? 0)).toBe((y[3] ?? 0) < (y[2] ?? 0));
  });

  test('needs that are not there, and circles, draw something', () => {
    const nodes = [
      { id: 'a', needs: ['b', 'nowhere'] },
      { id: 'b', needs: ['a', 'b'] },
    ];
    expect([...layout(nodes, GRID).y].every(Number.isFinite)).toBe(true);
    expect(layout([], GRID).x).toHaveLength(0);
  });

  test('each step and tie is looked at a fixed number of times', () => {
    // Work is counted where it is done, by reads of the needs: a clock would measure the machine.
    const reads = (count: number): number => {
      let sum = 0;
      const nodes = Array.from({ length: count }, (_, at) => ({
        id: String(at),
        get needs(): string[] {
          sum += 1;
          return at ? [String(at - 1)] : [];
        },
      }));
      layout(nodes, GRID);
      return sum;
    };
    expect(reads(2000)).toBe(2 * reads(1000));
  });
});

describe('families', () => {
  test.each([
    ['load/12', 'load'],
    ['load-0/12', 'load-0'],
    ['score/quality', 'score'],
    ['derive-3', 'derive'],
    ['fetch[7]', 'fetch'],
    ['a.b.3', 'a.b'],
    ['update-entities', null],
    ['r2', null],
  ])('%s is of %s', (stepId, family) => {
    expect(stem(stepId)).toBe(family);
  });

  test('few are no family', () => {
    const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `load/${String(at)}`);
    expect(familiesOf(names(LEAST - 1)).size).toBe(0);
    expect(familiesOf(names(LEAST)).size).toBe(LEAST);
  });
});

describe('condensing', () => {
  test.each(SEEDS)(
    'every step is in one node, there are not too many, and no circle is made (seed %i)',
    (seed) => {
      const steps = graph(seed, 400);
      const alone = new Set(steps.filter((_, at) => at % 31 === 5).map((step) => step.id));
      const drawn = condense(steps, 30, alone);
      expect(drawn.length).toBeLessThanOrEqual(30);
      expect(drawn.flatMap((node) => node.members).toSorted()).toEqual(
        steps.map((step) => step.id).toSorted(),
      );
      // In a graph without circles each node's rank is behind that of all that it needs.
      const ranks = ranksOf(drawn);
      const rank = new Map(drawn.map((node, at) => [node.id, ranks[at] ?? 0]));
      for (const node of drawn) {
        for (const need of node.needs) {
          expect(rank.has(need)).toBe(true);
          expect(rank.get(need) ?? NaN).toBeLessThan(rank.get(node.id) ?? NaN);
        }
      }
    },
  );

  test('few steps stay as they are', () => {
    const steps = graph(3, 20);
    expect(condense(steps, 300, new Set()).map((node) => node.id)).toEqual(steps.map((step) => step.id));
  });

  test('what failed stands beside its family', () => {
    const steps = Array.from({ length: 400 }, (_, at) => ({ id: `load/${String(at)}`, needs: [] }));
    const drawn = condense(steps, 100, new Set(['load/17']));
    expect(drawn.map((node) => [node.id === 'load/17', node.name, node.members.length])).toEqual([
      [false, 'load', 399],
      [true, null, 1],
    ]);
  });

  test('a chain that is too long is told by its ends', () => {
    const steps = Array.from({ length: 1000 }, (_, at) => ({
      id: `s${'abcdefghij'[at % 10] ?? ''}${'z'.repeat(Math.floor(at / 10))}`,
      needs: [] as string[],
    }));
    steps.forEach((step, at) =>
      step.needs.push(...steps.slice(Math.max(at - 1, 0), at).map((one) => one.id)),
    );
    const drawn = condense(steps, 10, new Set());
    expect(drawn).toHaveLength(10);
    expect(drawn[0]?.name).toBe(`sa … ${steps[99]?.id ?? ''}`);
  });
});

test.each(SEEDS)('what lights up with a step is what reaches it and what it reaches (seed %i)', (seed) => {
  const nodes = graph(seed, 30);
  const needs = new Map(nodes.map((node) => [node.id, node.needs]));
  const reaches = (from: string, to: string): boolean =>
    from === to || (needs.get(to) ?? []).some((need) => reaches(from, need));
  const middle = nodes[Math.floor(nodes.length / 2)]?.id ?? '';
  const lit = related(nodes, middle);
  for (const node of nodes)
    expect(lit.has(node.id)).toBe(reaches(node.id, middle) || reaches(middle, node.id));
  expect(related(nodes, 'nowhere').size).toBe(0);
});

describe('what is seen first', () => {
  const room = { width: 800, height: 400 };
  const drawn = (steps: readonly GraphNode[]): readonly Placed[] => placed(condense(steps, 300, new Set()));
  const chain = (count: number): GraphNode[] =>
    Array.from({ length: count }, (_, at) => ({
      id: `s${String(at)}`,
      needs: at ? [`s${String(at - 1)}`] : [],
    }));

  test('a small graph is in the middle, and not made larger', () => {
    const nodes = drawn(chain(2));
    const view = viewportOf(nodes, nodes[0], room);
    expect(view.zoom).toBe(1);
    expect(view.x * 2 + extentOf(nodes).width).toBe(room.width);
  });

  test('of a long one the part in question can be read, and no side stays empty', () => {
    const nodes = drawn(chain(60));
    for (const at of [0, 30, 59]) {
      const focus = nodes[at];
      const view = viewportOf(nodes, focus, room);
      const left = view.x + (focus?.x ?? 0) * view.zoom;
      expect(view.zoom).toBe(READABLE);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + NODE.width * view.zoom).toBeLessThanOrEqual(room.width);
      expect(view.x).toBeLessThanOrEqual(24);
    }
  });

  test('the drawing is as high as it needs to be, within bounds', () => {
    expect(heightOf(drawn(chain(5)))).toBe(180);
    const wide = Array.from({ length: 50 }, (_, at) => ({ id: String(at), needs: [] }));
    expect(heightOf(drawn(wide))).toBe(440);
  });
});

describe('what is out of sight', () => {
  const room = { width: 400, height: 200 };
  const node = (id: string, x: number, y: number): Placed => ({
    id,
    name: null,
    members: [id],
    needs: [],
    x,
    y,
  });
  const sides = (nodes: readonly Placed[], zoom = 1): Record<string, string[]> =>
    Object.fromEntries(
      [...outOfSight(nodes, { x: 0, y: 0, zoom }, room)].map(([side, found]) => [
        side,
        found.map((one) => one.id),
      ]),
    );

  test('is told by the side where it lies, and what can be seen in part is not', () => {
    const nodes = [
      node('seen', 10, 10),
      node('in part', 399, 199),
      node('left', -NODE.width, 0),
      node('right', 400, 0),
      node('up', 0, -NODE.height),
      node('down', 0, 200),
      node('corner', 900, 900),
    ];
    expect(sides(nodes)).toEqual({ left: ['left'], right: ['right', 'corner'], up: ['up'], down: ['down'] });
  });

  test('is nothing when all of it is in the picture, and all but the first when it is too near', () => {
    for (const seed of SEEDS.slice(0, 10)) {
      const nodes = placed(condense(graph(seed), 300, new Set()));
      const { width, height } = extentOf(nodes);
      const zoom = Math.min(room.width / width, room.height / height);
      expect(sides(nodes, zoom * 0.99)).toEqual({});
      const hidden = Object.values(sides(nodes, 50)).flat();
      expect(hidden).toHaveLength(nodes.filter((one) => one.x > 0 || one.y > 0).length);
    }
  });
});
