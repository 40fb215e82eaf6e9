/** Applies a schema that was looked through. */

import { canonicalText } from '../json/canonical.ts';
import { isInteger, isObject, lengthOf, type Json, type JsonObject } from '../json/value.ts';
import { UnavailableError } from '../values.ts';
import { UnusableError, type Described, type Schema } from './describe.ts';
import { applications } from './growth.ts';
import type { Matcher } from './patterns.ts';

const MOST_STEPS = 5_000_000;
const HOPELESS = 1e12;

/** The members and items that a schema and those in it have looked at; null when the value is not valid. */
type Seen = { readonly names: ReadonlySet<string>; readonly items: ReadonlySet<number> } | null;

const NOTHING: ReadonlySet<never> = new Set<never>();

export class Validator {
  private readonly described: Described;
  private readonly running = new Map<Schema, Set<Json>>();
  private steps = 0;

  constructor(described: Described) {
    this.described = described;
  }

  isValid(value: Json): boolean {
    return this.apply(this.described.root, value) !== null;
  }

  /** What grows beyond what any machine does in the time has no end; of the rest nobody knows. */
  private giveUp(): never {
    const { root, targets } = this.described;
    if (applications(root, targets) > HOPELESS) throw new UnusableError('applying the schema does not end');
    throw new UnavailableError(`the schema needs more than ${MOST_STEPS} steps`);
  }

  private holds(schema: Json, value: Json): boolean {
    return this.apply(schema as Schema, value) !== null;
  }

  private apply(schema: Schema, value: Json): Seen {
    this.steps += 1;
    if (this.steps > MOST_STEPS) this.giveUp();
    if (typeof schema === 'boolean') return schema ? { names: NOTHING, items: NOTHING } : null;
    const seen = { names: new Set<string>(), items: new Set<number>() };
    const isGood =
      this.isBasic(schema, value) &&
      this.combined(schema, value, seen) &&
      (!isObject(value) || this.object(schema, value, seen)) &&
      (!Array.isArray(value) || this.list(schema, value, seen));
    return isGood ? seen : null;
  }

  private isBasic(schema: JsonObject, value: Json): boolean {
    if ('type' in schema && ![schema['type']].flat().some((type) => isOfType(value, type))) return false;
    if ('const' in schema && !same(schema['const'], value)) return false;
    if ('enum' in schema && !(schema['enum'] as Json[]).some((item) => same(item, value))) return false;
    if (typeof value === 'number') return isNumberGood(schema, value);
    if (typeof value !== 'string') return true;
    const pattern = schema['pattern'] as string | undefined;
    return (
      isCountGood(schema, lengthOf(value), 'Length') &&
      (pattern === undefined || this.matcher(pattern)(value))
    );
  }

  private combined(
    schema: JsonObject,
    value: Json,
    seen: { names: Set<string>; items: Set<number> },
  ): boolean {
    const take = (inner: Json): boolean => {
      const found = this.apply(inner as Schema, value);
      found?.names.forEach((name) => seen.names.add(name));
      found?.items.forEach((item) => seen.items.add(item));
      return found !== null;
    };
    const reference = schema['$ref'] as string | undefined;
    if (reference !== undefined && !this.once(reference, value, take)) return false;
    if ('allOf' in schema && !(schema['allOf'] as Json[]).every(take)) return false;
    // Every alternative is tried: each that holds has looked at members of its own.
    if ('anyOf' in schema && !(schema['anyOf'] as Json[]).map(take).includes(true)) return false;
    if ('oneOf' in schema && (schema['oneOf'] as Json[]).map(take).filter(Boolean).length !== 1) return false;
    if ('not' in schema && this.holds(schema['not'], value)) return false;
    if (!('if' in schema)) return true;
    const branch = take(schema['if']) ? schema['then'] : schema['else'];
    return branch === undefined || take(branch);
  }

  /** A reference that comes back to itself over the same value never ends. */
  private once(reference: string, value: Json, take: (inner: Json) => boolean): boolean {
    const target = this.described.targets.get(reference) as Schema;
    const running = this.running.get(target) ?? new Set<Json>();
    this.running.set(target, running);
    if (running.has(value)) throw new UnavailableError('a reference that comes back to itself');
    running.add(value);
    try {
      return take(target);
    } finally {
      running.delete(value);
    }
  }

  private object(schema: JsonObject, value: JsonObject, seen: { names: Set<string> }): boolean {
    const names = Object.keys(value);
    if (!isCountGood(schema, names.length, 'Properties')) return false;
    if (!((schema['required'] ?? []) as string[]).every((name) => name in value)) return false;
    for (const [name, others] of Object.entries(
      (schema['dependentRequired'] ?? {}) as Record<string, string[]>,
    )) {
      if (name in value && !others.every((other) => other in value)) return false;
    }
    for (const [name, inner] of Object.entries((schema['dependentSchemas'] ?? {}) as JsonObject)) {
      if (!(name in value)) continue;
      const found = this.apply(inner as Schema, value);
      if (!found) return false;
      found.names.forEach((item) => seen.names.add(item));
    }
    const inner = schema['propertyNames'];
    if (inner !== undefined && !names.every((name) => this.holds(inner, name))) return false;
    return this.members(schema, value, seen);
  }

  private members(schema: JsonObject, value: JsonObject, seen: { names: Set<string> }): boolean {
    const properties = (schema['properties'] ?? {}) as JsonObject;
    const patterns = Object.entries((schema['patternProperties'] ?? {}) as JsonObject);
    const own = new Set<string>();
    for (const [name, member] of Object.entries(value)) {
      const applied = patterns.filter(([pattern]) => this.matcher(pattern)(name)).map(([, inner]) => inner);
      if (Object.hasOwn(properties, name)) applied.push(properties[name] as Json);
      if (applied.length) own.add(name);
      if (!applied.every((inner) => this.holds(inner, member))) return false;
    }
    const rest = (keyword: string, known: ReadonlySet<string>): boolean => {
      const inner = schema[keyword];
      if (inner === undefined) return true;
      return Object.keys(value).every((name) => {
        if (known.has(name)) return true;
        seen.names.add(name);
        return this.holds(inner, value[name] as Json);
      });
    };
    if (!rest('additionalProperties', own)) return false;
    own.forEach((name) => seen.names.add(name));
    return rest('unevaluatedProperties', new Set(seen.names));
  }

  private list(schema: JsonObject, value: readonly Json[], seen: { items: Set<number> }): boolean {
    if (!isCountGood(schema, value.length, 'Items')) return false;
    if (schema['uniqueItems'] === true && new Set(value.map(canonicalText)).size !== value.length)
      return false;
    const first = (schema['prefixItems'] ?? []) as Json[];
    const rest = schema['items'];
    for (const [at, item] of value.entries()) {
      const inner = at < first.length ? first[at] : rest;
      if (inner === undefined) continue;
      seen.items.add(at);
      if (!this.holds(inner, item)) return false;
    }
    return this.contained(schema, value, seen) && this.unevaluated(schema, value, seen);
  }

  private contained(schema: JsonObject, value: readonly Json[], seen: { items: Set<number> }): boolean {
    const inner = schema['contains'];
    if (inner === undefined) return true;
    const found = [...value.keys()].filter((at) => this.holds(inner, value[at] as Json));
    found.forEach((at) => seen.items.add(at));
    const { minContains = 1, maxContains = Infinity } = schema as {
      minContains?: number;
      maxContains?: number;
    };
    return found.length >= minContains && found.length <= maxContains;
  }

  private unevaluated(schema: JsonObject, value: readonly Json[], seen: { items: Set<number> }): boolean {
    const inner = schema['unevaluatedItems'];
    if (inner === undefined) return true;
    return value.every((item, at) => {
      if (seen.items.has(at)) return true;
      seen.items.add(at);
      return this.holds(inner, item);
    });
  }

  private matcher(pattern: string): Matcher {
    return this.described.patterns.get(pattern) as Matcher;
  }
}

function isOfType(value: Json, type: Json): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return isInteger(value);
    case 'null':
      return value === null;
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function isNumberGood(schema: JsonObject, value: number): boolean {
  const { exclusiveMaximum, exclusiveMinimum, maximum, minimum, multipleOf } = schema as Record<
    string,
    number | undefined
  >;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) return false;
  return (
    (minimum === undefined || value >= minimum) &&
    (maximum === undefined || value <= maximum) &&
    (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
    (exclusiveMaximum === undefined || value < exclusiveMaximum)
  );
}

function isMultiple(value: number, of: number): boolean {
  // Of fractions some engines ask for the decimal spelling and some for the double.
  if (isInteger(value) && isInteger(of)) return value % of === 0;
  if (isInteger(of)) return false;
  throw new UnavailableError('multipleOf with a fraction');
}

function isCountGood(schema: JsonObject, count: number, what: string): boolean {
  const [least, most] = [schema[`min${what}`], schema[`max${what}`]] as [
    number | undefined,
    number | undefined,
  ];
  return (least === undefined || count >= least) && (most === undefined || count <= most);
}

function same(left: Json, right: Json): boolean {
  return left === right || canonicalText(left) === canonicalText(right);
}
