/** What is told of a large value of which only the beginning is there. */

import { expect, test } from 'vitest';

import { outlineOf, outlineText } from '../src/ui/outline.ts';

test.each([
  ['{"rows":[{"a":1,"b":2},{"a":', ['rows']],
  ['{"a":1,"b":{"c":[1,2]},"d', ['a', 'b']],
  ['{"a\\"}":"x:{","b":"y', ['a"}', 'b']],
  ['{}', []],
])('the members at the top of %s', (text, names) => {
  expect(outlineOf(text)).toEqual({ kind: 'object', names, items: 0 });
});

test.each([
  ['[]', 0],
  ['[1', 1],
  ['[{"a":[1,2]},"x,y",[3,', 3],
])('the items at the top of %s', (text, items) => {
  expect(outlineOf(text)).toEqual({ kind: 'array', names: [], items });
});

test('in words', () => {
  const words = (text: string): string => outlineText(outlineOf(text));
  expect(words('{"rows":[1,')).toBe('An object; its members so far: rows');
  expect(words('{"a very')).toBe('An object; its members so far: none');
  expect([words('[1'), words('[1,2')]).toEqual(['A list; 1 item so far', 'A list; 2 items so far']);
  expect(words('"a long text')).toBe('One text or number');
});
