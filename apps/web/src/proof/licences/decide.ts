/**
 * Decides uses under licences: default deny, a prohibition wins, what is unknown denies (spec/licences.md, 2 to 6).
 * A constraint is true, false, or null for unknown.
 */

import { instant } from '../encoding.ts';
import type { Json, JsonObject } from '../json/value.ts';
import type { Constraint, Licence, Registry, Rule } from './registry.ts';

const CLAIMED = [
  'recipient',
  'spatial',
  'count',
  'fileFormat',
  'industry',
  'product',
  'project',
  'institution',
];

/** What is asked about: an action by a user at a time, for a purpose, with what the claim states besides. */
export interface Use {
  readonly action: string;
  readonly now: string;
  readonly user: string;
  readonly purpose: string | null;
  readonly stated: JsonObject;
}

export interface Decision {
  readonly result: 'pass' | 'fail' | 'error';
  readonly reason: string;
  readonly licence: string | null;
  readonly rule: string | null;
  readonly duties: JsonObject[];
}

type Facts = ReadonlyMap<string, string | number>;

export function decision(
  result: Decision['result'],
  reason: string,
  licence: string | null = null,
  rule: string | null = null,
  duties: JsonObject[] = [],
): Decision {
  return { result, reason: `licence.${reason}`, licence, rule, duties };
}

/** One use of one resource under all its licences (spec/licences.md, 5); `revoked` is null when nobody said. */
export function decide(
  registry: Registry,
  resource: string,
  use: Use,
  revoked: readonly string[] | null,
): Decision {
  const unknown = unknownWord(registry, use);
  if (unknown) return decision('fail', unknown);
  const now = instant(use.now) ?? 0n;
  const about = registry.licences.filter((licence) => licence.resource === resource);
  if (!about[0]) return decision('fail', 'unknown_resource');
  const active = about.filter((licence) => isInForce(licence, now));
  if (!active[0]) return decision('fail', 'not_active', about[0].name);
  const assigned = active.filter((licence) => isFor(licence, use.user));
  if (!assigned[0]) return decision('fail', 'not_assigned', active[0].name);
  for (const licence of assigned) {
    const rule = forbidding(licence, use, registry);
    if (rule) return decision('fail', 'prohibited', licence.name, rule.ruleId);
  }
  const permitted = assigned.flatMap((licence) => {
    const rule = permitting(licence, use, registry);
    return rule ? [{ licence, rule }] : [];
  });
  if (!permitted[0]) return decision('fail', 'not_permitted', assigned[0].name);
  if (revoked === null) return decision('error', 'registry_unavailable');
  const valid = permitted.find(({ licence }) => !revoked.includes(licence.name));
  const { licence, rule } = valid ?? permitted[0];
  if (!valid) return decision('fail', 'revoked', licence.name, rule.ruleId);
  return decision('pass', 'permitted', licence.name, rule.ruleId, dutiesOf(licence, rule, use, registry));
}

/**
 * One use of what was made of `sources`, licence names in order, each asked alone (spec/licences.md, 6). `isUncovered`
 * when some of the data came under no licence at all.
 */
export function decideDerived(
  registry: Registry,
  sources: readonly string[],
  use: Use,
  revoked: readonly string[] | null,
  isUncovered: boolean,
): Decision {
  const unknown = unknownWord(registry, use);
  if (unknown) return decision('fail', unknown);
  if (isUncovered) return decision('fail', 'source_denies');
  if (!sources.length) return decision('fail', 'no_source');
  const now = instant(use.now) ?? 0n;
  const duties: JsonObject[] = [];
  for (const name of sources) {
    const licence = registry.licences.find((item) => item.name === name);
    const lets =
      licence && isInForce(licence, now) && isFor(licence, use.user) && !forbidding(licence, use, registry);
    const rule = lets ? permitting(licence, use, registry) : undefined;
    if (!licence || !rule) return decision('fail', 'source_denies', name);
    duties.push(...dutiesOf(licence, rule, use, registry).map((duty) => ({ licence: name, ...duty })));
  }
  if (revoked === null) return decision('error', 'registry_unavailable');
  const gone = sources.find((name) => revoked.includes(name));
  if (gone !== undefined) return decision('fail', 'revoked', gone);
  return decision('pass', 'sources_permit', null, null, duties);
}

function unknownWord(registry: Registry, use: Use): string {
  if (registry.lacks('actions', use.action)) return 'unknown_action';
  return use.purpose !== null && registry.lacks('purposes', use.purpose) ? 'unknown_purpose' : '';
}

function isInForce(licence: Licence, now: bigint): boolean {
  return licence.status === 'active' && licence.start <= now && (licence.end === null || now < licence.end);
}

function isFor(licence: Licence, user: string): boolean {
  return licence.assignees === null || licence.assignees.has(user);
}

function permitting(licence: Licence, use: Use, registry: Registry): Rule | undefined {
  const facts = factsOf(licence, use);
  const broader = registry.broader('actions', use.action);
  return licence.rules.find(
    (rule) =>
      rule.kind === 'permission' && broader.has(rule.action) && together(rule, facts, registry) === true,
  );
}

function forbidding(licence: Licence, use: Use, registry: Registry): Rule | undefined {
  const facts = factsOf(licence, use);
  const broader = registry.broader('actions', use.action);
  return licence.rules.find((rule) => {
    if (rule.kind !== 'prohibition') return false;
    // A prohibition of a part of what is asked forbids the whole.
    const isAbout = broader.has(rule.action) || registry.broader('actions', rule.action).has(use.action);
    return isAbout && together(rule, facts, registry) !== false;
  });
}

function dutiesOf(licence: Licence, by: Rule, use: Use, registry: Registry): JsonObject[] {
  const facts = factsOf(licence, use);
  return licence.rules.flatMap((rule): JsonObject[] => {
    if (rule === by) {
      return rule.duties.map(({ action, seconds }) => ({ rule: rule.ruleId, action, seconds }));
    }
    const binds = rule.kind === 'obligation' && together(rule, facts, registry) !== false;
    return binds ? [{ rule: rule.ruleId, action: rule.action, seconds: null }] : [];
  });
}

function factsOf(licence: Licence, use: Use): Facts {
  const facts = new Map<string, string | number>();
  for (const name of CLAIMED) {
    const stated = Object.hasOwn(use.stated, name) ? use.stated[name] : null;
    if (typeof stated === 'string' || typeof stated === 'number') facts.set(name, stated);
  }
  facts.set('dateTime', use.now);
  facts.set('user', use.user);
  if (use.purpose !== null) facts.set('purpose', use.purpose);
  facts.set('elapsedTime', wholeSeconds((instant(use.now) ?? 0n) - licence.start));
  return facts;
}

function wholeSeconds(micros: bigint): number {
  // Whole seconds are rounded down, also before the start.
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return Number((micros - rest) / 1_000_000n);
}

function together(rule: Rule, facts: Facts, registry: Registry): boolean | null {
  const values = rule.constraints.map((constraint) => holds(constraint, facts, registry));
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function holds({ left: name, op, right }: Constraint, facts: Facts, registry: Registry): boolean | null {
  const left = facts.get(name);
  if (left === undefined) return null;
  if (op === 'isAnyOf' || op === 'isNoneOf') {
    const fits =
      Array.isArray(right) && right.every((item) => typeof item === 'string' || typeof item === 'number');
    return fits ? right.includes(left) === (op === 'isAnyOf') : null;
  }
  if (op === 'isPartOf') {
    if (typeof left !== 'string' || typeof right !== 'string') return null;
    if (name === 'purpose') return registry.broader('purposes', left).has(right);
    return name === 'spatial' ? registry.broader('places', left).has(right) : left === right;
  }
  if (name !== 'dateTime') return compared(left, op, right);
  const [fact, limit] = [instant(left), instant(right)];
  return fact === null || limit === null ? null : compared(fact, op, limit);
}

function compared(left: string | number | bigint, op: string, right: Json | bigint): boolean | null {
  if (typeof left !== typeof right) return null;
  if (op === 'eq') return left === right;
  if (op === 'neq') return left !== right;
  if (typeof left === 'string') return null;
  const limit = right as number | bigint;
  switch (op) {
    case 'lt':
      return left < limit;
    case 'lteq':
      return left <= limit;
    case 'gt':
      return left > limit;
    case 'gteq':
      return left >= limit;
    default:
      return null;
  }
}
