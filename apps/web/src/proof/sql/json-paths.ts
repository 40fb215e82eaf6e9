/** `->` and `->>`: what a path of plain steps leads to in the text of a JSON value. */

import { canonicalText } from '../json/canonical.ts';
import { parseJson } from '../json/strict.ts';
import { isObject, type Json } from '../json/value.ts';
import { utf8 } from '../bytes.ts';
import { strict, unknown, type Bound } from './bound.ts';
import { isWhole, JSON_TYPE, nameOf, VARCHAR, type Value } from './types.ts';
import type { Work } from './work.ts';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PATH = /^\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]{1,9}\])*$/;
const STEP = /\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]/g;

const ESCAPED = /\\u/;

type Step = string | number;

/** `operand -> path` as JSON, or `operand ->> path` as a text. */
export function extracted(operand: Bound, path: Bound, isText: boolean, work: Work): Bound {
  if (operand.type.kind !== 'JSON') throw unknown(`a path into ${nameOf(operand.type)}`);
  const steps = stepsOf(path);
  return strict(isText ? VARCHAR : JSON_TYPE, [operand], (text: string): Value => {
    work.spend(text.length);
    const found = follow(parseJson(utf8(text)), steps);
    if (found === undefined) return null;
    // The engine escapes these in its own way where it writes what is nested.
    if (typeof found === 'object' && ESCAPED.test(text)) throw unknown('a control character within JSON');
    if (!isText) return canonicalText(found);
    if (found === null) return null;
    const told = typeof found === 'string' ? found : canonicalText(found);
    if (told.includes('\0')) throw unknown('a text with a NUL');
    return told;
  });
}

function stepsOf(path: Bound): Step[] {
  if (path.refs.size) throw unknown('a path that is not written in the statement');
  const value = path.run([]);
  if (typeof value === 'bigint' && isWhole(path.type) && value >= 0n) return [Number(value)];
  if (typeof value !== 'string') throw unknown('such a path');
  if (PLAIN.test(value)) return [value];
  if (!PATH.test(value)) throw unknown(`the path ${JSON.stringify(value.slice(0, 60))}`);
  return [...value.matchAll(STEP)].map(([, name, index]) => name ?? Number(index));
}

function follow(value: Json, steps: readonly Step[]): Json | undefined {
  let reached: Json | undefined = value;
  for (const step of steps) {
    if (typeof step === 'string') reached = isObject(reached) ? reached[step] : undefined;
    else reached = Array.isArray(reached) ? reached[step] : undefined;
    if (reached === undefined) return undefined;
  }
  return reached;
}
