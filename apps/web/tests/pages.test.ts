/** What the pages of the audit trail and of settings work out. */

import { expect, test } from 'vitest';

import type { AuditEntry } from '../src/api/types.ts';
import { auditQueryOf, isFiltered, jsonLines, targetOf, withFilter } from '../src/audit/filters.ts';
import { auditSearch, verifySearch } from '../src/search.ts';
import { keysShown } from '../src/settings/trust-keys.ts';
import { fromField, toField } from '../src/ui/time.ts';
import { bytesOf } from './support.ts';

test('the filters of the address become the query of the service', () => {
  const search = auditSearch({
    who: 'ann',
    object: 'R1/x',
    from: '2026-01-31T12:00:00+01:00',
    to: 'nonsense',
  });
  const query = new URLSearchParams(auditQueryOf(search, 50, 'MTI'));
  expect(Object.fromEntries(query)).toEqual({
    limit: '50',
    who: 'ann',
    object: 'R1/x',
    from: '2026-01-31T11:00:00.000Z',
    cursor: 'MTI',
  });
  expect(auditQueryOf({}, 200)).toBe('limit=200');
  expect(withFilter({ who: 'ann', action: 'x' }, 'who', 'bob')).toEqual({ who: 'bob', action: 'x' });
  expect(withFilter({ who: 'ann', action: 'x' }, 'who', '')).toEqual({ action: 'x' });
  expect([isFiltered(search), isFiltered({})]).toEqual([true, false]);
});

test.each(['utc', 'local'] as const)('a time goes into a field and comes back in %s', (zone) => {
  const time = '2026-07-31T23:59:07.000Z';
  expect(fromField(toField(time, zone), zone)).toBe(time);
  expect(toField(undefined, zone)).toBe('');
  expect([fromField('', zone), fromField('nonsense', zone)]).toEqual([undefined, undefined]);
});

test('objects lead to their page', () => {
  expect(targetOf('execution', 'x')).toEqual({
    to: '/executions/$executionId',
    params: { executionId: 'x' },
  });
  expect(targetOf('review', 'x')).toEqual({ to: '/review/$reviewId', params: { reviewId: 'x' } });
  expect(targetOf('runbook', 'x')).toEqual({ to: '/runbooks/$runbookId', params: { runbookId: 'x' } });
  expect(targetOf('audit', 'x')).toBeNull();
});

test('an export is one record a line', () => {
  const record = { seq: 1, action: 'execution.start', reason: 'line\nbreak' } as unknown as AuditEntry;
  const text = jsonLines([record, record]);
  expect(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([record, record]);
  expect(jsonLines([])).toBe('');
});

test('which proof of the service is asked for', () => {
  expect(verifySearch({ execution: 'R1-1', blocked: true })).toEqual({ execution: 'R1-1', blocked: true });
  expect(verifySearch({ execution: '', blocked: 'yes' })).toEqual({});
});

test('keys are shown as the trust file has them', () => {
  const [step] = keysShown(bytesOf('trust/revoked.json')) ?? [];
  expect(step?.keyid).toMatch(/^sha256:/);
  expect(keysShown(bytesOf('trust/approvers.json'))?.some((key) => key.subject !== null)).toBe(true);
  expect(keysShown(bytesOf('trust/revoked.json'))?.some((key) => key.revoked !== null)).toBe(true);
  expect([
    keysShown(new TextEncoder().encode('no')),
    keysShown(new TextEncoder().encode('{"keys": 1}')),
  ]).toEqual([null, null]);
});
