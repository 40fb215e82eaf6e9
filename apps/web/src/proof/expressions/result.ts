/** A value of the engine as strict JSON. */

import { emptyObject, type Json } from '../json/value.ts';
import { MAX_BYTES, MAX_DEPTH, MAX_MEMBERS } from '../json/strict.ts';
import { UnavailableError } from '../values.ts';
import { EvaluationError, NotFiniteError } from './errors.ts';

/** The value, null where there is none; throws NotFiniteError for what is no I-JSON. */
export function toJson(value: unknown): Json {
  return new Writer().json(value, 0);
}

class Writer {
  private units = 0;

  json(value: unknown, depth: number): Json {
    switch (typeof value) {
      case 'undefined':
        return null;
      case 'string':
        return this.text(value);
      case 'number':
        if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value === 0 ? 0 : value;
        throw new NotFiniteError(`the value is no I-JSON: the number ${value}`);
      case 'boolean':
        return value;
      case 'object':
        break;
      default:
        throw new UnavailableError(
          'the expression gives a function, of which the engines write different values',
        );
    }
    if (value === null) return null;
    if (depth >= MAX_DEPTH) throw new NotFiniteError(`the value has more than ${MAX_DEPTH} levels`);
    this.count(2);
    return Array.isArray(value)
      ? value.map((item) => this.json(item, depth + 1))
      : this.object(value as Record<string, unknown>, depth + 1);
  }

  private object(value: Record<string, unknown>, depth: number): Json {
    // What an expression sees has the order of names, and another expression may see this.
    const names = Object.keys(value).sort();
    if (names.length > MAX_MEMBERS)
      throw new NotFiniteError(`an object has more than ${MAX_MEMBERS} members`);
    const made = emptyObject();
    for (const name of names) made[this.text(name)] = this.json(value[name], depth);
    return made;
  }

  private text(value: string): string {
    if (!value.isWellFormed()) throw new NotFiniteError('the value is no I-JSON: a lone surrogate');
    this.count(value.length);
    return value;
  }

  private count(units: number): void {
    this.units += units;
    if (this.units > MAX_BYTES) throw new EvaluationError('the value is too large');
  }
}
