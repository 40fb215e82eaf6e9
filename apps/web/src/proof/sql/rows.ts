/** Rows as JSON (spec/execution.md, 3.1). */

import { utf8 } from '../bytes.ts';
import { EvaluationError } from '../expressions/errors.ts';
import { parseJson, StrictJsonError } from '../json/strict.ts';
import { emptyObject, objectOf, type Json } from '../json/value.ts';
import { decimalText } from './casts.ts';
import { dateText, instantText } from './dates.ts';
import type { Row, Type, Value } from './types.ts';

const MAX = Number.MAX_SAFE_INTEGER;

/** The object of one row; throws EvaluationError for what JSON cannot hold. */
export function rowOf(names: readonly string[], types: readonly Type[], row: Row): Json {
  return objectOf(names.map((name, at) => [name, valueOf(row[at] ?? null, types[at] as Type)]));
}

function valueOf(value: Value, type: Type): Json {
  if (value === null) return null;
  switch (type.kind) {
    case 'LIST':
      return (value as Value[]).map((item) => valueOf(item, type.item));
    case 'STRUCT': {
      const made = emptyObject();
      for (const [at, [name, part]] of type.members.entries())
        made[name] = valueOf((value as Value[])[at] as Value, part);
      return made;
    }
    case 'JSON':
      return jsonOf(value as string);
    case 'DOUBLE':
      return bounded(value as number);
    case 'DECIMAL':
      return bounded(Number(decimalText(value as bigint, type.scale)));
    case 'DATE':
    case 'TIMESTAMP':
      return timeOf(value as bigint, type.kind);
    default:
      return typeof value === 'bigint' ? bounded(Number(value)) : (value as Json);
  }
}

function jsonOf(text: string): Json {
  try {
    return parseJson(utf8(text));
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new EvaluationError(`no strict JSON: ${error.message}`);
  }
}

function bounded(value: number): number {
  if (Math.abs(value) <= MAX) return value;
  throw new EvaluationError(`the number ${value} is out of bounds`);
}

function timeOf(value: bigint, kind: 'DATE' | 'TIMESTAMP'): string {
  const text = kind === 'DATE' ? dateText(value) : instantText(value, 'T');
  const year = Number(text.slice(0, 4));
  if (!(year >= 2 && year <= 9998)) throw new EvaluationError(`the time ${text} is out of bounds`);
  // Where there is a fraction, it has six digits.
  const fraction = text.split('.')[1];
  return fraction === undefined ? text : `${text.slice(0, -fraction.length)}${fraction.padEnd(6, '0')}`;
}
