/**
 * Where the nodes of a directed acyclic graph go: longest-path ranks as columns, barycentre sweeps for the order in
 * them, then rows pulled towards those that they are tied to. Pure.
 */

export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
}

export interface Grid {
  /** From one column's left edge to the next one's. */
  readonly column: number;
  /** From one row's top to the next one's: rows of a column are never nearer. */
  readonly row: number;
}

/** By the position of the node in what was given; `x` and `y` are of the upper left corner, and none is negative. */
export interface Layout {
  readonly ranks: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** For each node, those that it needs and those that need it, by position. Needs that are not there are left out. */
interface Ties {
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

const SWEEPS = 6;
const PULLS = 4;

export function layout(nodes: readonly GraphNode[], grid: Grid): Layout {
  const ties = tiesOf(nodes);
  const ranks = ranked(ties);
  const columns = inColumns(ranks);
  untangle(columns, ties);
  const y = pulled(columns, ties, grid.row);
  return { ranks, x: Float64Array.from(ranks, (rank) => rank * grid.column), y };
}

/** The greatest number of steps on a way to each node. */
export function ranksOf(nodes: readonly GraphNode[]): Int32Array {
  return ranked(tiesOf(nodes));
}

function tiesOf(nodes: readonly GraphNode[]): Ties {
  const at = new Map(nodes.map((node, position) => [node.id, position]));
  const after: number[][] = nodes.map(() => []);
  const before = nodes.map((node, position) =>
    [...new Set(node.needs)].flatMap((need) => {
      const found = at.get(need);
      if (found === undefined || found === position) return [];
      after[found]?.push(position);
      return [found];
    }),
  );
  return { before, after };
}

/** Kahn's order; what lies on a circle, which no definition has, keeps the rank that it was reached with. */
function ranked({ before, after }: Ties): Int32Array {
  const ranks = new Int32Array(before.length);
  const missing = before.map((needs) => needs.length);
  const ready = missing.flatMap((count, position) => (count === 0 ? [position] : []));
  for (let taken = 0; taken < ready.length; taken++) {
    const position = ready[taken] ?? 0;
    for (const next of after[position] ?? []) {
      ranks[next] = Math.max(ranks[next] ?? 0, (ranks[position] ?? 0) + 1);
      missing[next] = (missing[next] ?? 0) - 1;
      if (missing[next] === 0) ready.push(next);
    }
  }
  return ranks;
}

function inColumns(ranks: Int32Array): number[][] {
  const columns: number[][] = [];
  ranks.forEach((rank, position) => (columns[rank] ??= []).push(position));
  return Array.from(columns, (column) => column ?? []);
}

/** Sorts each column by the mean place of its neighbours in the columns before, then behind, and so on. */
function untangle(columns: number[][], { before, after }: Ties): void {
  const place = new Float64Array(before.length);
  const number = (column: readonly number[]): void =>
    column.forEach((position, index) => (place[position] = index - (column.length - 1) / 2));
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    const ties = isForward ? before : after;
    for (const column of isForward ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((position) => [position, mean(ties[position], place)]));
      column.sort((left, right) => (wanted.get(left) ?? 0) - (wanted.get(right) ?? 0));
      number(column);
    }
  }
}

/** Rows as near to the mean of their neighbours as their order and distance let them be. */
function pulled(columns: readonly (readonly number[])[], { before, after }: Ties, row: number): Float64Array {
  const y = new Float64Array(before.length);
  for (const column of columns) {
    column.forEach((position, index) => (y[position] = (index - (column.length - 1) / 2) * row));
  }
  for (let pull = 0; pull < PULLS; pull++) {
    const isForward = pull % 2 === 0;
    for (const column of isForward ? columns : columns.toReversed()) {
      settle(column, isForward ? before : after, y, row);
    }
  }
  const top = y.reduce((least, value) => Math.min(least, value), Infinity);
  return y.map((value) => value - top);
}

function settle(column: readonly number[], ties: Ties['before'], y: Float64Array, row: number): void {
  const wanted = column.map((position) => mean(ties[position], y, y[position]));
  let least = -Infinity;
  let surplus = 0;
  column.forEach((position, index) => {
    const value = Math.max(wanted[index] ?? 0, least);
    surplus += value - (wanted[index] ?? 0);
    y[position] = value;
    least = value + row;
  });
  // Pushing goes downwards only: the whole column goes back by what it was pushed in the mean.
  for (const position of column) y[position] = (y[position] ?? 0) - surplus / column.length;
}

function mean(positions: readonly number[] | undefined, values: Float64Array, alone = 0): number {
  if (!positions?.length) return alone;
  return positions.reduce((sum, position) => sum + (values[position] ?? 0), 0) / positions.length;
}
