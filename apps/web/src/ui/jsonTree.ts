/** What is said of a JSON value before it is opened. Pure. */

export type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'string' || kind === 'number' || kind === 'boolean' ? kind : 'object';
}

/** The members of an object or an array by name or number; none of anything else. */
export function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item] as const);
  return kindOf(value) === 'object' ? Object.entries(value as Record<string, unknown>) : [];
}

/** `3 items`, `{id, name, +4}`: what is inside, in few words. */
export function summary(value: unknown): string {
  const members = membersOf(value);
  if (Array.isArray(value)) return `${String(members.length)} item${members.length === 1 ? '' : 's'}`;
  const names = members.slice(0, 3).map(([name]) => name);
  const more = members.length - names.length;
  return `{${names.join(', ')}${more > 0 ? `, +${String(more)}` : ''}}`;
}

/** A value that is told by its digest because of its size. */
export interface Told {
  readonly $digest: string;
  readonly size: number;
}

export function isTold(value: unknown): value is Told {
  if (kindOf(value) !== 'object') return false;
  const { $digest, size, ...rest } = value as Record<string, unknown>;
  return typeof $digest === 'string' && typeof size === 'number' && Object.keys(rest).length === 0;
}

/** `850 B`, `12.4 kB`, `3.1 MB`. */
export function bytesText(size: number): string {
  if (size < 1000) return `${String(size)} B`;
  const [value, unit] = size < 1_000_000 ? [size / 1000, 'kB'] : [size / 1_000_000, 'MB'];
  return `${value.toFixed(1)} ${unit}`;
}
