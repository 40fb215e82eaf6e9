/** A metric's assertion, cut at its comparison (spec/provers.md, 4). */

import { EvaluationError } from './errors.ts';
import { QUOTED } from './quoted.ts';

/** Left side, operator and right side; throws EvaluationError. */
export function splitComparison(assertion: string): [string, string, string] {
  const masked = assertion.replace(QUOTED, (match) => '\0'.repeat(match.length));
  const found: RegExpExecArray[] = [];
  let depth = 0;
  for (const match of masked.matchAll(/[([{]|[)\]}]|>=|<=|!=|>|<|=/g)) {
    if ('([{'.includes(match[0])) depth += 1;
    else if (')]}'.includes(match[0])) depth -= 1;
    else if (depth <= 0) found.push(match);
  }
  const [match, ...others] = found;
  if (!match || others.length) {
    throw new EvaluationError(
      'expected `left op right` with exactly one of >=, <=, !=, >, <, = at the top level',
    );
  }
  const end = match.index + match[0].length;
  return [assertion.slice(0, match.index).trim(), match[0], assertion.slice(end).trim()];
}
