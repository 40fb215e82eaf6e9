/** How often schemas are applied in one place, at worst: references to what refers twice grow without end. */

import type { Json, JsonObject } from '../json/value.ts';
import type { Schema } from './describe.ts';

const LISTS = ['allOf', 'anyOf', 'oneOf'];
const ONE = ['not', 'if', 'then', 'else'];

/** Applications of `root` and of what it applies to the same value; more than any number where it refers to itself. */
export function applications(root: Schema, targets: ReadonlyMap<string, Schema>): number {
  const known = new Map<Schema, number>();
  const count = (schema: Json | undefined): number => {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 1;
    const found = known.get(schema);
    if (found !== undefined) return found;
    known.set(schema, Infinity);
    const sum = inPlace(schema, targets).reduce<number>((total, inner) => total + count(inner), 1);
    known.set(schema, sum);
    return sum;
  };
  return count(root);
}

function inPlace(schema: JsonObject, targets: ReadonlyMap<string, Schema>): Json[] {
  const found = LISTS.flatMap((name) => (schema[name] ?? []) as Json[]);
  for (const name of ONE) if (name in schema) found.push(schema[name] as Json);
  found.push(...Object.values((schema['dependentSchemas'] ?? {}) as JsonObject));
  const target = typeof schema['$ref'] === 'string' ? targets.get(schema['$ref']) : undefined;
  return target === undefined ? found : [...found, target];
}
