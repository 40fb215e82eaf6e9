/** JSONata without the functions whose value is not a function of the data, within limits (spec/execution.md, 2). */

import jsonata from 'jsonata';

import { emptyObject, type Json } from '../json/value.ts';
import { mustAgree, read, type Node, type Reading } from './agreement.ts';
import { UnavailableError } from '../values.ts';
import { EvaluationError } from './errors.ts';
import { QUOTED } from './quoted.ts';
import { toJson } from './result.ts';

const REFUSED_NAMES = ['now', 'millis', 'random', 'eval', 'shuffle'];
const REFUSED = new RegExp(`\\$(${REFUSED_NAMES.join('|')})(?![\\p{L}\\p{N}_])`, 'u');
// A regular expression literal may hold a quote, which hides what follows from the pattern above. A binding of the same
// name stands before the built-in function, so a call that slipped through fails instead of reading a clock.
const POISON = Object.fromEntries(REFUSED_NAMES.map((name) => [name, null]));
const LIMITS = { timeout: 2_000, stack: 500, sequence: 1_000_000 };

const PLAIN_NUMBER = /^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

interface Compiled {
  readonly expression: ReturnType<typeof jsonata>;
  readonly reading: Reading;
}

/** Evaluates expressions; each is compiled once. */
export class Expressions {
  private readonly compiled = new Map<string, Compiled | Error>();

  /** The value over `data`, null if there is none; throws EvaluationError, and UnavailableError where engines differ. */
  async evaluate(expression: string, data: Json): Promise<Json> {
    const compiled = this.compiled.get(expression) ?? compile(expression);
    this.compiled.set(expression, compiled);
    if (compiled instanceof Error) throw compiled;
    // The right side of most comparisons: no engine is needed to say what it is.
    if (PLAIN_NUMBER.test(expression)) return toJson(Number(expression));
    const { expression: compiledExpression, reading } = compiled;
    mustAgree(reading, data);
    let value: unknown;
    try {
      // The engine writes into the data that it is given, in some expressions.
      value = await compiledExpression.evaluate(reading.isHarmless ? data : copied(data), POISON);
    } catch (error) {
      // The pinned engine goes on with the number that is none.
      if ((error as { code?: unknown } | null)?.code === 'D1002')
        throw new UnavailableError('a negation of what is no number');
      throw new EvaluationError(reason(error));
    }
    return toJson(value);
  }
}

function copied(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const made = emptyObject();
  for (const name of Object.keys(value)) made[name] = copied(value[name] as Json);
  return made;
}

function compile(expression: string): Compiled | Error {
  const refused = REFUSED.exec(expression.replace(QUOTED, ' '));
  if (refused) {
    return new EvaluationError(
      `$${refused[1]} is not allowed: its value is no function of the recorded data`,
    );
  }
  try {
    const compiled = jsonata(expression, LIMITS);
    return { expression: compiled, reading: read(compiled.ast() as unknown as Node, expression) };
  } catch (error) {
    // Where a `/` begins a regular expression, engines do not agree.
    const code = (error as { code?: unknown } | null)?.code;
    if (code === 'S0301' || code === 'S0302')
      return new UnavailableError('a regular expression that does not end');
    return new EvaluationError(reason(error));
  }
}

function reason(error: unknown): string {
  const told = error as { message?: unknown; code?: unknown } | null;
  if (typeof told?.message === 'string') return told.message.slice(0, 300);
  return typeof told?.code === 'string' ? told.code : 'the expression failed';
}
