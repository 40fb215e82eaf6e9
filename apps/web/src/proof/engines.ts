/** What evaluates a stranger's words: JSONata, SQL, Rego and JSON Schema, with one budget for all of a verification. */

import { Expressions } from './expressions/evaluate.ts';
import { canonicalText } from './json/canonical.ts';
import type { Json, JsonObject } from './json/value.ts';
import type { Bundle } from './materials.ts';
import { Policies, type Decision } from './rego/policies.ts';
import { conforms } from './schema/conforms.ts';
import { ENGINE, rowsOf } from './sql/statement.ts';
import type { Declared } from './sql/tables.ts';
import { UnavailableError } from './values.ts';

const BUDGET_MS = 60_000;

export class Engines {
  private readonly expressions = new Expressions();
  private readonly policies: Policies;
  private readonly decisions = new Map<string, Decision>();
  private left = BUDGET_MS;

  constructor(bundle: Bundle) {
    this.policies = new Policies(bundle);
  }

  /** The JSONata value, null if there is none; throws EvaluationError, and UnavailableError where it is not known. */
  async evaluate(expression: string, data: Json): Promise<Json> {
    const started = this.started();
    try {
      return await this.expressions.evaluate(expression, data);
    } finally {
      this.left -= performance.now() - started;
    }
  }

  /**
   * The rows of a statement as the engine that the context names gives them (spec/execution.md, 3.1); throws
   * EvaluationError, and UnavailableError where it is not known what that one gives.
   */
  rows(engine: Json | undefined, sql: string, inputs: Json, columns: Declared): Json {
    if (typeof engine !== 'string') throw new UnavailableError('the context names no engine for SQL');
    if (engine !== ENGINE) throw new UnavailableError(`it was made with ${engine}, and here it is ${ENGINE}`);
    const started = this.started();
    try {
      return rowsOf(sql, inputs, columns);
    } finally {
      this.left -= performance.now() - started;
    }
  }

  /** What the policies say (spec/provers.md, 2); throws UnavailableError where it is not known. */
  decide(query: string, input: JsonObject): Decision {
    const question = `${query} ${canonicalText(input)}`;
    const known = this.decisions.get(question);
    if (known !== undefined) return known;
    const started = this.started();
    try {
      const decision = this.policies.decide(query, input);
      this.decisions.set(question, decision);
      return decision;
    } finally {
      this.left -= performance.now() - started;
    }
  }

  /** Whether `value` is valid under `schema`, null when the schema cannot be used; throws UnavailableError. */
  conforms(schema: JsonObject, value: Json): boolean | null {
    const started = this.started();
    try {
      return conforms(schema, value);
    } finally {
      this.left -= performance.now() - started;
    }
  }

  private started(): number {
    if (this.left <= 0) throw new UnavailableError(`evaluating took more than ${BUDGET_MS / 1000} s in all`);
    return performance.now();
  }
}
