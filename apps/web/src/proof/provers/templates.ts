/** Templates of claims: what they may hold, and what they say with their values (spec/provers.md, 5). */

import { digestOf } from '../encoding.ts';
import { canonicalText } from '../json/canonical.ts';
import { isObject, type Json, type JsonObject } from '../json/value.ts';

export const TEMPLATE_REASONS = ['placeholders', 'literal_number', 'value', 'text'] as const;

type Reason = (typeof TEMPLATE_REASONS)[number];

/** A value that a template says, and where it was recorded. */
export interface Told {
  readonly stepId: string;
  readonly pointer: string;
  readonly value: Json;
}

const PART = /\{([A-Za-z_][A-Za-z0-9_]*)\}|[{}]|[^{}]+/g;
const DIGIT = /[\p{Nd}\p{Nl}\p{No}]/u;

/** True when `template` and `values` of a claim are of their shape; a claim with neither is so too. */
export function isTemplateClaim(item: JsonObject): boolean {
  const { template, values } = item;
  if (template === undefined && values === undefined) return true;
  return typeof template === 'string' && isObject(values) && Object.values(values).every(isTold);
}

function isTold(told: Json): boolean {
  return (
    isObject(told) &&
    typeof told['stepId'] === 'string' &&
    typeof told['pointer'] === 'string' &&
    'value' in told
  );
}

/** The reason of the first rule that a claim breaks, or null; `found` are digests of what the record has. */
export function reasonAgainst(
  template: string,
  text: string,
  values: Readonly<Record<string, Told>>,
  found: ReadonlyMap<string, string | null>,
): string | null {
  const broken = new Set<Reason>();
  const seen = new Set<string>();
  let written = '';
  for (const [part, name] of template.matchAll(PART)) {
    if (name !== undefined && name in values) {
      seen.add(name);
      written += spelled((values[name] as Told).value);
    } else if (name !== undefined || part === '{' || part === '}') broken.add('placeholders');
    else {
      written += part;
      if (DIGIT.test(part)) broken.add('literal_number');
    }
  }
  for (const [name, { value }] of Object.entries(values)) {
    if (!seen.has(name)) broken.add('placeholders');
    const hasText = typeof value === 'string' || typeof value === 'number';
    if (!hasText || found.get(name) !== digestOf(value)) broken.add('value');
  }
  if (written !== text) broken.add('text');
  const first = TEMPLATE_REASONS.find((reason) => broken.has(reason));
  return first ? `citations.${first}` : null;
}

function spelled(value: Json): string {
  return typeof value === 'string' ? value : canonicalText(value);
}
