/** How an expression can have no value. */

/** It is refused, does not parse, fails, or does not end. */
export class EvaluationError extends Error {
  override name = 'EvaluationError';
}

/** It has a value that is no I-JSON: infinite, NaN, beyond 2^53 - 1, too deep. */
export class NotFiniteError extends EvaluationError {
  override name = 'NotFiniteError';
}
