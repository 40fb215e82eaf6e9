/** JSONata without the functions whose value is not a function of the data, within limits (spec/execution.md, 2). */

import jsonata from 'jsonata';

import type { Json } from '../json/value.ts';
import { agrees } from './agreement.ts';
import { EvaluationError } from './errors.ts';
import { QUOTED } from './quoted.ts';
import { toJson } from './result.ts';

const REFUSED_NAMES = ['now', 'millis', 'random', 'eval', 'shuffle'];
const REFUSED = new RegExp(`\\$(${REFUSED_NAMES.join('|')})(?![\\p{L}\\p{N}_])`, 'u');
// A regular expression literal may hold a quote, which hides what follows from the pattern above. A binding of the same
// name stands before the built-in function, so a call that slipped through fails instead of reading a clock.
const POISON = Object.fromEntries(REFUSED_NAMES.map((name) => [name, null]));
const LIMITS = { timeout: 2_000, stack: 500, sequence: 1_000_000 };

type Compiled = ReturnType<typeof jsonata>;

/** Evaluates expressions; each is compiled once. */
export class Expressions {
  private readonly compiled = new Map<string, Compiled | EvaluationError>();

  /** The value over `data`, null if there is none; throws EvaluationError, and UnavailableError where engines differ. */
  async evaluate(expression: string, data: Json): Promise<Json> {
    const compiled = this.compiled.get(expression) ?? compile(expression);
    this.compiled.set(expression, compiled);
    if (compiled instanceof EvaluationError) throw compiled;
    const ast = compiled.ast();
    // The right side of most comparisons: no engine is needed to say what it is.
    if (ast.type === 'number' || ast.type === 'string') return toJson(ast.value);
    let value: unknown;
    try {
      value = await compiled.evaluate(data, POISON);
    } catch (error) {
      throw new EvaluationError(reason(error));
    }
    agrees(ast, data, value);
    return toJson(value);
  }
}

function compile(expression: string): Compiled | EvaluationError {
  const refused = REFUSED.exec(expression.replace(QUOTED, ' '));
  if (refused) {
    return new EvaluationError(`$${refused[1]} is not allowed: its value is no function of the recorded data`);
  }
  try {
    return jsonata(expression, LIMITS);
  } catch (error) {
    return new EvaluationError(reason(error));
  }
}

function reason(error: unknown): string {
  const told = error as { message?: unknown; code?: unknown } | null;
  if (typeof told?.message === 'string') return told.message.slice(0, 300);
  return typeof told?.code === 'string' ? told.code : 'the expression failed';
}
