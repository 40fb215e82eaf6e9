/** The licence registry: its closed shape, and its licences as rules (spec/licences.md, 1). */

import { instant } from '../encoding.ts';
import { byBytes, isObject, type Json, type JsonObject } from '../json/value.ts';
import {
  anyValue,
  array,
  closed,
  integer,
  mapping,
  nullable,
  oneOf,
  ShapeError,
  text,
  time,
  type Checker,
} from '../shape/shapes.ts';

const RULE = closed(
  { ruleId: text(), kind: oneOf('permission', 'prohibition', 'obligation'), action: text() },
  {
    constraints: array(closed({ left: text(), op: text(), right: anyValue })),
    duties: array(closed({ action: text() }, { seconds: integer(-Number.MAX_SAFE_INTEGER) })),
  },
);
const COMMON = {
  licenceId: text(),
  version: text(),
  title: text(),
  resource: text(),
  effectiveFrom: time,
  effectiveTo: nullable(time),
  status: oneOf('draft', 'active', 'suspended', 'revoked', 'expired'),
  terms: text(),
};
const OPTIONAL = { assigner: text(), assignees: array(text()), spdx: text() };
const SIMPLE = closed({ ...COMMON, permit: array(text()), prohibit: array(text()) }, OPTIONAL);
const RULED = closed({ ...COMMON, rules: array(RULE) }, OPTIONAL);
const TERMS = mapping(nullable(text()));

const licence: Checker = (value) => {
  if (!isObject(value) || !('rules' in value)) {
    SIMPLE(value);
    return;
  }
  RULED(value);
  mustDiffer(
    (value['rules'] as JsonObject[]).map((rule) => rule['ruleId'] as string),
    'ruleId',
  );
};

const REGISTRY = closed(
  { licences: array(licence) },
  { vocabulary: closed({}, { actions: TERMS, purposes: TERMS, places: TERMS }) },
);

/** Throws ShapeError where `value` is no licence registry. */
export const checkLicences: Checker = (value) => {
  REGISTRY(value);
  const all = (value as JsonObject)['licences'] as JsonObject[];
  mustDiffer(all.map(nameOf), 'licenceId@version');
};

function mustDiffer(names: string[], what: string): void {
  if (new Set(names).size !== names.length) throw new ShapeError(`a ${what} occurs twice`);
}

export interface Constraint {
  readonly left: string;
  readonly op: string;
  readonly right: Json;
}

export interface Rule {
  readonly ruleId: string;
  readonly kind: string;
  readonly action: string;
  readonly constraints: readonly Constraint[];
  readonly duties: readonly { readonly action: string; readonly seconds: number | null }[];
}

export interface Licence {
  readonly name: string;
  readonly resource: string;
  readonly status: string;
  readonly start: bigint;
  readonly end: bigint | null;
  readonly assignees: ReadonlySet<string> | null;
  readonly rules: readonly Rule[];
}

export type Vocabulary = 'actions' | 'purposes' | 'places';

/** All licences in the order of the UTF-8 bytes of their names, and the vocabulary. */
export class Registry {
  readonly licences: readonly Licence[];
  private readonly vocabulary: JsonObject;

  constructor(value: JsonObject) {
    const read = (value['licences'] as JsonObject[]).map(readLicence);
    this.licences = read.sort((left, right) => byBytes(left.name, right.name));
    this.vocabulary = (value['vocabulary'] ?? {}) as JsonObject;
  }

  /** True when that part of the vocabulary is there and does not name the term. */
  lacks(part: Vocabulary, term: string): boolean {
    const terms = this.terms(part);
    return terms !== null && !(term in terms);
  }

  /** `term` and its broader terms; a chain that comes back to itself ends there. */
  broader(part: Vocabulary, term: string): ReadonlySet<string> {
    const terms = this.terms(part) ?? {};
    const found = new Set<string>();
    let reached: Json | undefined = term;
    while (typeof reached === 'string' && !found.has(reached)) {
      found.add(reached);
      reached = Object.hasOwn(terms, reached) ? terms[reached] : undefined;
    }
    return found;
  }

  private terms(part: Vocabulary): JsonObject | null {
    return Object.hasOwn(this.vocabulary, part) ? (this.vocabulary[part] as JsonObject) : null;
  }
}

function nameOf(item: JsonObject): string {
  return `${item['licenceId'] as string}@${item['version'] as string}`;
}

function readLicence(item: JsonObject): Licence {
  const assignees = item['assignees'] as string[] | undefined;
  return {
    name: nameOf(item),
    resource: item['resource'] as string,
    status: item['status'] as string,
    start: instant(item['effectiveFrom']) ?? 0n,
    end: instant(item['effectiveTo']),
    assignees: assignees ? new Set(assignees) : null,
    rules: readRules(item),
  };
}

function readRules(item: JsonObject): Rule[] {
  const stated = item['rules'] as JsonObject[] | undefined;
  if (stated) {
    return stated.map((rule) => ({
      ruleId: rule['ruleId'] as string,
      kind: rule['kind'] as string,
      action: rule['action'] as string,
      constraints: (rule['constraints'] ?? []) as unknown as Constraint[],
      duties: ((rule['duties'] ?? []) as JsonObject[]).map((duty) => ({
        action: duty['action'] as string,
        seconds: (duty['seconds'] ?? null) as number | null,
      })),
    }));
  }
  const short = (member: string, kind: string): Rule[] =>
    (item[member] as string[]).map((action, index) => ({
      ruleId: `${member}/${index}`,
      kind,
      action,
      constraints: [],
      duties: [],
    }));
  return [...short('permit', 'permission'), ...short('prohibit', 'prohibition')];
}
