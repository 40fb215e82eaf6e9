/** The JSON diff: examples, and what holds of any two values. */

import { describe, expect, test } from 'vitest';

import { aligned, compare, type Change } from '../src/diff/compare.ts';

describe('examples', () => {
  test('the order of names is no difference, the order of items is', () => {
    expect(compare({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
    expect(compare(['a', 'b', 'c'], ['a', 'c', 'b'])).toMatchObject([{ kind: 'moved' }]);
  });

  test('added, removed and changed members by their pointers', () => {
    expect(compare({ a: 1, 'b/~': 2, c: [0] }, { a: 2, c: [0, 9], d: null })).toEqual([
      { kind: 'changed', from: '/a', to: '/a', before: 1, now: 2 },
      { kind: 'removed', from: '/b~1~0', before: 2 },
      { kind: 'added', to: '/c/1', now: 9 },
      { kind: 'added', to: '/d', now: null },
    ]);
  });

  test('an item put in front changes nothing behind it', () => {
    expect(compare([{ id: 1 }, { id: 2 }], [{ id: 0 }, { id: 1 }, { id: 2 }])).toEqual([
      { kind: 'added', to: '/0', now: { id: 0 } },
    ]);
  });

  test('a member of an item is changed where it stands on each side', () => {
    expect(compare([{ n: 1 }], [{ n: 2 }])).toEqual([
      { kind: 'changed', from: '/0/n', to: '/0/n', before: 1, now: 2 },
    ]);
  });

  test('a value of another kind is changed as a whole, and names of the prototype are names', () => {
    expect(compare([], {})).toMatchObject([{ kind: 'changed', from: '', to: '' }]);
    expect(compare({}, { toString: 1 })).toEqual([{ kind: 'added', to: '/toString', now: 1 }]);
  });

  test('lines in the same order', () => {
    expect(aligned(['a', 'b', 'c'], ['x', 'a', 'c'])).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });
});

describe('of any two values', () => {
  const dice = seeded(20260301);
  const pairs = Array.from({ length: 600 }, () => {
    const one = value(3);
    return [one, dice() < 0.6 ? mutated(one) : value(3)] as const;
  });

  test('there is a change exactly when they are not equal', () => {
    for (const [one, other] of pairs) {
      expect(compare(one, one)).toEqual([]);
      expect(compare(one, other).length === 0).toBe(plain(one) === plain(other));
    }
  });

  test('paths lead to what is told of them', () => {
    for (const [one, other] of pairs)
      for (const change of compare(one, other)) {
        if ('from' in change && 'before' in change) expect(at(one, change.from)).toEqual(change.before);
        if ('to' in change) expect(at(other, change.to)).toEqual(change.now);
        if (change.kind === 'moved') expect(at(one, change.from)).toEqual(change.now);
      }
  });

  test('the other way round it is as many of each', () => {
    const counts = (changes: readonly Change[], added: string, removed: string): number[] =>
      [added, removed, 'changed', 'moved'].map((kind) => changes.filter((item) => item.kind === kind).length);
    for (const [one, other] of pairs)
      expect(counts(compare(one, other), 'added', 'removed')).toEqual(
        counts(compare(other, one), 'removed', 'added'),
      );
  });

  test('aligned rows rise on both sides and pair what is equal', () => {
    for (let round = 0; round < 200; round++) {
      const [one, other] = [row(), row()];
      let [a, b] = [-1, -1];
      for (const [from, to] of aligned(one, other)) {
        expect(one[from]).toBe(other[to]);
        expect(from > a && to > b).toBe(true);
        [a, b] = [from, to];
      }
    }
  });

  function row(): string[] {
    return Array.from({ length: Math.floor(dice() * 12) }, () => 'abcd'.charAt(Math.floor(dice() * 4)));
  }

  function value(depth: number): unknown {
    const kind = Math.floor(dice() * (depth ? 7 : 4));
    if (kind === 0) return Math.floor(dice() * 3);
    if (kind === 1) return ['', 'a', 'b/~'][Math.floor(dice() * 3)];
    if (kind === 2) return null;
    if (kind === 3) return dice() < 0.5;
    const size = Math.floor(dice() * 5);
    if (kind < 6) return Array.from({ length: size }, () => value(depth - 1));
    return Object.fromEntries(
      Array.from({ length: size }, () => ['ab/~'.charAt(Math.floor(dice() * 4)), value(depth - 1)]),
    );
  }

  function mutated(one: unknown): unknown {
    if (Array.isArray(one)) {
      const copy: unknown[] = [...(one as unknown[])];
      if (dice() < 0.3) copy.reverse();
      if (dice() < 0.3) copy.splice(Math.floor(dice() * copy.length), 0, value(1));
      return dice() < 0.5 ? copy.map((item) => (dice() < 0.3 ? mutated(item) : item)) : copy;
    }
    if (one !== null && typeof one === 'object')
      return Object.fromEntries(
        Object.entries(one).flatMap(([name, item]) =>
          dice() < 0.2 ? [] : [[name, dice() < 0.4 ? mutated(item) : item]],
        ),
      );
    return value(1);
  }
});

function plain(one: unknown): string {
  return JSON.stringify(one, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

function at(one: unknown, pointer: string): unknown {
  const names = pointer.split('/').slice(1);
  return names.reduce<unknown>(
    (found, name) => (found as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
    one,
  );
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
