/** What can be said of a JSON text of which only the beginning is there. Pure. */

export interface Outline {
  readonly kind: 'object' | 'array' | 'value';
  /** Of an object the names of its members so far; of an array how many items have begun so far. */
  readonly names: readonly string[];
  readonly items: number;
}

/** Of RFC 8785 text, which has no space between its signs. */
export function outlineOf(beginning: string): Outline {
  const first = beginning[0];
  if (first === '{') return { kind: 'object', names: topNames(beginning), items: 0 };
  if (first === '[') return { kind: 'array', names: [], items: topItems(beginning) };
  return { kind: 'value', names: [], items: 0 };
}

export function outlineText({ kind, names, items }: Outline): string {
  if (kind === 'object') return `An object; its members so far: ${names.join(', ') || 'none'}`;
  if (kind === 'array')
    return `A list; ${items.toLocaleString('en')} ${items === 1 ? 'item' : 'items'} so far`;
  return 'One text or number';
}

function topNames(text: string): string[] {
  const names: string[] = [];
  for (const { at, end, depth } of signs(text)) {
    // A name is a text behind which a colon stands.
    if (depth === 1 && text[at] === '"' && text[end] === ':')
      names.push(JSON.parse(text.slice(at, end)) as string);
  }
  return names;
}

function topItems(text: string): number {
  let commas = 0;
  for (const { at, depth } of signs(text)) if (depth === 1 && text[at] === ',') commas += 1;
  return text.length < 2 || text[1] === ']' ? 0 : commas + 1;
}

/** Texts and signs with how deep they lie; what is not there to its end is left out. */
function* signs(text: string): Generator<{ at: number; end: number; depth: number }> {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      const end = endOfText(text, at);
      if (end === null) return;
      yield { at, end, depth };
      at = end - 1;
    } else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    else if (sign === ',') yield { at, end: at + 1, depth };
  }
}

function endOfText(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return null;
}
