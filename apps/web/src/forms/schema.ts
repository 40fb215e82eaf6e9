/** Which JSON Schemas a form can be drawn from, and what is wrong with what was entered. Pure. */

import type { JsonSchema } from '../api/types.ts';
import { escaped } from '../proof/json/pointer.ts';

export type Kind = 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'list' | 'group' | 'json';

/** What is entered for a schema; `json` for what no field can show. */
export function kindOf(schema: JsonSchema): Kind {
  if (schema.enum?.every((item) => ['string', 'number', 'boolean'].includes(typeof item))) return 'choice';
  const hard = ['oneOf', 'anyOf', 'allOf', 'not', 'if', '$ref', 'patternProperties', 'prefixItems'].some(
    (word) => word in schema,
  );
  if (hard) return 'json';
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return schema.type;
    case 'array':
      return schema.items && ['text', 'number', 'integer'].includes(kindOf(schema.items)) ? 'list' : 'json';
    case 'object':
      return schema.properties && Object.keys(schema.properties).length ? 'group' : 'json';
    default:
      return 'json';
  }
}

/** What a field holds while it is typed in: always text, apart from choices of yes and no. */
export type Entry = string | boolean | undefined | { readonly [name: string]: Entry };

export interface Mistake {
  readonly pointer: string;
  readonly message: string;
}

export interface Reading {
  /** Left out of the parameters when undefined. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
}

/** The value that an entry stands for. Empty is left out, unless it is needed. */
export function readEntry(schema: JsonSchema, entry: Entry, pointer = '', needed = false): Reading {
  const kind = kindOf(schema);
  if (kind === 'group') return readGroup(schema, typeof entry === 'object' ? entry : {}, pointer, needed);
  if (entry === undefined || entry === '') {
    return needed ? wrong(pointer, 'is needed') : { value: undefined, mistakes: [] };
  }
  if (typeof entry === 'object') return wrong(pointer, 'is not a group');
  return readScalar(kind, schema, entry, pointer);
}

function readScalar(kind: Kind, schema: JsonSchema, entry: string | boolean, pointer: string): Reading {
  const text = String(entry);
  switch (kind) {
    case 'boolean':
      return right(entry === true || entry === 'true');
    case 'choice':
      return right(schema.enum?.find((item) => String(item) === text));
    case 'number':
    case 'integer':
      return readNumber(kind, schema, text, pointer);
    case 'list':
      return readList(schema, text, pointer);
    case 'json':
      return readJson(text, pointer);
    default:
      return readText(schema, text, pointer);
  }
}

function readGroup(
  schema: JsonSchema,
  entry: { readonly [name: string]: Entry },
  pointer: string,
  needed: boolean,
): Reading {
  const mistakes: Mistake[] = [];
  const value: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const isNeeded = schema.required?.includes(name) ?? false;
    const read = readEntry(part, entry[name], `${pointer}/${escaped(name)}`, isNeeded);
    mistakes.push(...read.mistakes);
    if (read.value !== undefined) value[name] = read.value;
  }
  const isEmpty = !Object.keys(value).length && !needed && pointer !== '';
  // A group that may be left out is left out when nothing in it was entered.
  const untouched = isEmpty && Object.values(entry).every((item) => item === undefined || item === '');
  return untouched ? { value: undefined, mistakes: [] } : { value, mistakes };
}

function readNumber(kind: 'number' | 'integer', schema: JsonSchema, text: string, pointer: string): Reading {
  const value = Number(text);
  if (!Number.isFinite(value) || text.trim() === '') return wrong(pointer, 'must be a number');
  if (kind === 'integer' && !Number.isSafeInteger(value)) return wrong(pointer, 'must be a whole number');
  if (schema.minimum !== undefined && value < schema.minimum)
    return wrong(pointer, `must be at least ${String(schema.minimum)}`);
  if (schema.maximum !== undefined && value > schema.maximum)
    return wrong(pointer, `must be at most ${String(schema.maximum)}`);
  return right(value);
}

function readText(schema: JsonSchema, text: string, pointer: string): Reading {
  const length = [...text].length;
  if (schema.minLength !== undefined && length < schema.minLength) {
    return wrong(pointer, `must have at least ${String(schema.minLength)} characters`);
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return wrong(pointer, `must have at most ${String(schema.maxLength)} characters`);
  }
  if (schema.pattern !== undefined && !matches(schema.pattern, text))
    return wrong(pointer, `must look like ${schema.pattern}`);
  return right(text);
}

function readList(schema: JsonSchema, text: string, pointer: string): Reading {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const items = lines.map((line, index) =>
    readEntry(schema.items ?? {}, line, `${pointer}/${String(index)}`),
  );
  const mistakes = items.flatMap((item) => item.mistakes);
  if (mistakes.length) return { value: undefined, mistakes };
  if (schema.minItems !== undefined && items.length < schema.minItems) {
    return wrong(pointer, `must have at least ${String(schema.minItems)} lines`);
  }
  if (schema.maxItems !== undefined && items.length > schema.maxItems) {
    return wrong(pointer, `must have at most ${String(schema.maxItems)} lines`);
  }
  return right(items.map((item) => item.value));
}

function readJson(text: string, pointer: string): Reading {
  try {
    return right(JSON.parse(text) as unknown);
  } catch (error) {
    return wrong(pointer, `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The entries that show a value, as of an earlier execution. */
export function entriesOf(schema: JsonSchema, value: unknown): Entry {
  if (value === undefined) return undefined;
  switch (kindOf(schema)) {
    case 'group': {
      const members = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, part]) => [name, entriesOf(part, members[name])]),
      );
    }
    case 'boolean':
      return value === true;
    case 'list':
      return Array.isArray(value) ? value.map(String).join('\n') : '';
    case 'json':
      return JSON.stringify(value, null, 2);
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // A pattern of another dialect: the service judges it.
    return true;
  }
}

function right(value: unknown): Reading {
  return { value, mistakes: [] };
}

function wrong(pointer: string, message: string): Reading {
  return { value: undefined, mistakes: [{ pointer, message }] };
}
