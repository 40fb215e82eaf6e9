/** What the console works out by itself: addresses, filters, forms, events and keys. */

import { describe, expect, test, vi } from 'vitest';

import type {
  ExecutionStatus,
  ExecutionSummary,
  JsonSchema,
  Outcome,
  StepOutcome,
  StepState,
} from '../src/api/types.ts';
import { entriesOf, kindOf, readEntry } from '../src/forms/schema.ts';
import { KeyRegistry } from '../src/keys/registry.ts';
import { EventReader } from '../src/live/parse.ts';
import { applied, type Happening } from '../src/live/reducer.ts';
import { queryOf, rowsOf, toggled } from '../src/screens/executions/filters.ts';
import { bounds, effects, stepKinds } from '../src/screens/runbooks/templateFacts.ts';
import { executionSearch, executionsSearch } from '../src/search.ts';
import { executionLook, stepLook } from '../src/ui/status.ts';
import { span } from '../src/ui/time.ts';

describe('addresses', () => {
  test('what makes no sense is dropped, and defaults are left out', () => {
    expect(executionsSearch({ outcome: 'failed', from: 'yesterday', page: 3, q: 17 })).toEqual({
      outcome: 'failed',
      q: '17',
    });
    expect(executionSearch({ view: 'pie', step: 'a', tab: 'attestation' })).toEqual({
      step: 'a',
      tab: 'attestation',
    });
  });
});

describe('filters of executions', () => {
  test('the same filters are the same question, in whichever order they were chosen', () => {
    expect(toggled('failed', 'running')).toBe('running,failed');
    expect(toggled('running', 'failed')).toBe('running,failed');
    expect(toggled('failed', 'failed')).toBeUndefined();
    expect(queryOf({ outcome: 'running,failed', actor: 'a&b' }, 50)).toBe(
      'outcome=running&outcome=failed&executedBy=a%26b&limit=50',
    );
  });

  const run = (executionId: string, outcome: string): ExecutionSummary =>
    ({ executionId, outcome }) as ExecutionSummary;

  test('what is new is held back from somebody who reads, and what is listed shows its newest state', () => {
    const listed = [run('b', 'running'), run('a', 'completed')];
    const newest = [run('c', 'running'), run('b', 'failed')];
    const reading = rowsOf(listed, newest, true);
    expect(reading.rows.map((row) => [row.executionId, row.outcome])).toEqual([
      ['b', 'failed'],
      ['a', 'completed'],
    ]);
    expect(reading.heldBack).toBe(1);
    expect(rowsOf(listed, newest, false).rows.map((row) => row.executionId)).toEqual(['c', 'b', 'a']);
  });
});

describe('forms from a schema', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['region', 'days'],
    properties: {
      region: { type: 'string', enum: ['eu', 'us'] },
      days: { type: 'integer', minimum: 1, maximum: 7 },
      share: { type: 'number' },
      dry: { type: 'boolean' },
      names: { type: 'array', items: { type: 'string', minLength: 2 }, maxItems: 2 },
      'a/b': { type: 'object', properties: { 'x~y': { type: 'string', pattern: '^[a-z]+$' } } },
      free: { oneOf: [{ type: 'string' }, { type: 'null' }] },
    },
  };

  test('values come back as they went in', () => {
    const value = {
      region: 'eu',
      days: 3,
      share: 0.5,
      dry: true,
      names: ['ab', 'cd'],
      'a/b': { 'x~y': 'q' },
      free: null,
    };
    expect(readEntry(schema, entriesOf(schema, value), '', true)).toEqual({ value, mistakes: [] });
  });

  test('what is empty is left out, and said where it is needed', () => {
    const read = readEntry(schema, {}, '', true);
    expect(read.mistakes.map((item) => item.pointer)).toEqual(['/region', '/days']);
    expect(readEntry(schema, { region: 'us', days: '2', 'a/b': { 'x~y': '' } }, '', true).value).toEqual({
      region: 'us',
      days: 2,
    });
  });

  test.each([
    [{ days: '8' }, '/days', 'must be at most 7'],
    [{ days: '1.5' }, '/days', 'must be a whole number'],
    [{ days: 'two' }, '/days', 'must be a number'],
    [{ names: 'ab\nc' }, '/names/1', 'must have at least 2 characters'],
    [{ names: 'ab\ncd\nef' }, '/names', 'must have at most 2 lines'],
    [{ 'a/b': { 'x~y': 'Q' } }, '/a~1b/x~0y', 'must look like ^[a-z]+$'],
    [{ free: '{' }, '/free', 'is no JSON'],
  ])('%j is a mistake at %s', (entry, pointer, message) => {
    const read = readEntry(schema, { region: 'eu', days: '1', ...entry }, '', true);
    expect(read.mistakes).toHaveLength(1);
    expect(read.mistakes[0]?.pointer).toBe(pointer);
    expect(read.mistakes[0]?.message).toContain(message);
  });

  test('what no field can show is entered as JSON', () => {
    expect(kindOf({ $ref: '#/x' })).toBe('json');
    expect(kindOf({ type: 'array', items: { type: 'object', properties: { a: {} } } })).toBe('json');
    expect(kindOf({})).toBe('json');
  });
});

describe('live events', () => {
  const stream =
    ': quiet\n\nid: e-1\nevent: StepSealed\ndata: {"a":\ndata: 1}\n\nid: e-2\r\nevent: gap\r\ndata: {}\r\n\r\n';

  test('however the text is cut, each event is told once', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const reader = new EventReader();
      const told = [stream.slice(0, cut), stream.slice(cut)].flatMap((text) => reader.take(text));
      expect(told).toEqual([
        { id: 'e-1', kind: 'StepSealed', data: '{"a":\n1}' },
        { id: 'e-2', kind: 'gap', data: '{}' },
      ]);
    }
  });

  test('an execution changes by its own events only, and ends as the last one says', () => {
    const step = (stepId: string, state: StepState, outcome: StepOutcome | null = null) => ({
      stepId,
      state,
      outcome,
    });
    const status = {
      executionId: 'e',
      outcome: 'running',
      openReviews: [],
      steps: [step('a', 'acting'), step('b', 'waiting')],
    } as unknown as ExecutionStatus;
    const happened = (
      executionId: string,
      outcome: Outcome,
      changed: ReturnType<typeof step> | null,
    ): Happening => ({
      executionId,
      at: null,
      outcome,
      step: changed,
      openReviews: [],
    });
    const now = applied(status, [
      happened('e', 'running', step('a', 'sealed', 'done')),
      happened('other', 'failed', step('b', 'sealed', 'failed')),
      happened('e', 'completed', step('b', 'settled', 'done')),
    ]);
    expect(now.outcome).toBe('completed');
    expect(now.steps.map((item) => item.state)).toEqual(['sealed', 'settled']);
    expect(applied(status, [happened('other', 'failed', null)])).toBe(status);
  });
});

describe('words', () => {
  test('what people let through never looks like what was proved', () => {
    expect(executionLook('overridden')).not.toEqual(executionLook('completed'));
    expect(stepLook({ state: 'sealed', outcome: 'overridden' }).word).toBe('done by override');
    expect(executionLook('paused').word).toBe('paused');
    expect(executionLook('of a later version').word).toBe('of a later version');
  });

  test('spans have two units at most', () => {
    expect([850, 12_400, 242_000, 60_000, 187_200_000, -5].map(span)).toEqual([
      '850 ms',
      '12.4 s',
      '4 min 2 s',
      '1 min',
      '2 d 4 h',
      '0 ms',
    ]);
  });

  test('a runbook is told by its steps and what they do outside', () => {
    const steps = ['query', 'query', 'mutation', 'export'].map((type, at) => ({
      stepId: `s${String(at)}`,
      type,
    }));
    expect(stepKinds({ steps })).toBe('4 steps: 2 query, 1 mutation, 1 export');
    expect(effects({ steps })).toEqual([
      { what: 'changes the graph', steps: ['s2'] },
      { what: 'writes files', steps: ['s3'] },
    ]);
    expect(bounds({ type: 'number', minimum: 0, maximum: 1 })).toBe('number, 0 to 1');
    expect(bounds({ enum: ['a', 2] })).toBe('one of a, 2');
  });
});

describe('keys', () => {
  // No page here: what the registry reads of an event, and no more.
  vi.stubGlobal('HTMLElement', class {});
  const pressed = (key: string, more: object = {}): KeyboardEvent =>
    ({ key, target: null, ...more }) as KeyboardEvent;
  const action = (id: string, keys: string, perform: () => void, disabled?: string) => ({
    id,
    label: id,
    section: 'This page' as const,
    keys,
    perform,
    ...(disabled === undefined ? {} : { disabled }),
  });

  test('a sequence, a single key and a modified key each find their action', () => {
    const registry = new KeyRegistry();
    const done: string[] = [];
    registry.add(action('go', 'g e', () => done.push('go')));
    registry.add(action('edit', 'e', () => done.push('edit')));
    registry.add(action('palette', 'mod+k', () => done.push('palette')));
    registry.press(pressed('e'));
    registry.press(pressed('g'));
    registry.press(pressed('e'));
    registry.press(pressed('k', { metaKey: true }));
    registry.singleKeys = false;
    registry.press(pressed('e'));
    registry.press(pressed('K', { ctrlKey: true }));
    expect(done).toEqual(['edit', 'go', 'palette', 'palette']);
  });

  test('what is disabled is not done, and two actions on the same keys are a fault', () => {
    const registry = new KeyRegistry();
    const perform = vi.fn();
    const remove = registry.add(action('one', 'x', perform, 'not now'));
    expect(registry.press(pressed('x'))).toBe(false);
    expect(perform).not.toHaveBeenCalled();
    expect(() => registry.add(action('two', 'x', perform))).toThrow('two and one both want');
    remove();
    expect(() => registry.add(action('two', 'x', perform))).not.toThrow();
  });
});
