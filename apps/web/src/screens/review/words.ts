/** What provers and people say, in plain words and as facts. Pure. */

import type { FailedProof, ReviewTicket } from '../../api/types.ts';
import type { Look } from '../../ui/status.ts';

const REASONS: Readonly<Record<string, string>> = {
  'prover.undefined': 'nobody defined this prover, so it cannot say yes',
  'prover.unknown_kind': 'this kind of prover is not known here',
  'prover.wrong_phase': 'this prover does not belong to this phase of a step',
  'policy.denied': 'the policy does not allow it',
  'policy.undefined': 'the policy says neither yes nor no',
  'policy.non_boolean': 'the policy answered something that is neither yes nor no',
  'policy.error': 'the policy could not be evaluated',
  'metric.not_met': 'the measured value misses its bound',
  'metric.no_row': 'the measurement did not give exactly one row',
  'metric.expression_error': 'the assertion over the measurement cannot be evaluated',
  'metric.not_finite': 'the measurement gave no finite number',
  'citations.malformed': 'the claims do not have the shape of claims',
  'citations.no_claims': 'there is no claim',
  'citations.dangling': 'a citation leads nowhere',
  'citations.too_few': 'a claim has too few sources',
  'citations.no_template': 'a claim has no template',
  'citations.placeholders': 'the placeholders of a claim are not those of its values',
  'citations.literal_number': 'a claim says a number that is not one of the record',
  'citations.value': 'a value in a claim is not the one of the record',
  'citations.text': 'the text of a claim is not its template filled in',
  'row_count.no_list': 'there is no list of rows',
  'row_count.too_few': 'there are too few rows',
  'row_count.too_many': 'there are too many rows',
  'completeness.no_rows': 'there are no rows to look at',
  'completeness.no_cells': 'the list of rows is empty',
  'completeness.not_met': 'too few cells are filled',
  'freshness.no_rows': 'there are no rows to look at',
  'freshness.empty': 'the list of rows is empty',
  'freshness.not_a_time': 'a row has no time',
  'freshness.future': 'a row is from the future',
  'freshness.stale': 'the oldest row is too old',
  'schema.no_value': 'the value to be checked is not there',
  'schema.unusable': 'the schema cannot be used',
  'schema.invalid': 'the value does not have the shape that the schema asks for',
  'disclosure.no_value': 'the value to be checked is not there',
  'disclosure.no_cells': 'there are no cells to look at',
  'disclosure.personal_data': 'there are personal data in it',
  'disclosure.small_cell': 'a group is so small that people could be told apart',
  'time_window.malformed': 'the time window makes no sense',
  'time_window.too_early': 'it is too early for this',
  'time_window.too_late': 'it is too late for this',
  'time_window.wrong_day': 'this is not done on this day of the week',
  'time_window.wrong_hour': 'this is not done at this time of day',
  'budget.amount': 'the amount is no whole number',
  'budget.unknown': 'the ledger was not asked what is left',
  'budget.exceeded': 'the budget does not suffice',
  'four_eyes.not_approved': 'nobody else approved it',
  'four_eyes.rejected': 'somebody else rejected it',
  'four_eyes.expired': 'nobody else decided in time',
  'licence.malformed_check': 'what is asked of the licences makes no sense',
  'licence.unknown_action': 'the licences do not know this use',
  'licence.unknown_purpose': 'the licences do not know this purpose',
  'licence.unknown_resource': 'no licence covers these data',
  'licence.not_active': 'the licence is not in force',
  'licence.not_assigned': 'the licence is for somebody else',
  'licence.prohibited': 'the licence forbids this use',
  'licence.not_permitted': 'the licence does not permit this use',
  'licence.revoked': 'the licence was revoked',
  'licence.registry_unavailable': 'the registry of licences did not answer',
  'licence.no_source': 'the data have a source without a licence',
  'licence.source_denies': 'the licence of a source does not permit it',
  'combined.not_met': 'the provers together do not say yes',
  'combined.undecided': 'the provers together cannot be decided',
  'combined.circular': 'the combination of provers contains itself',
};

/** Why a prover denies; with the numbers where they are at hand. Without a final stop. */
export function verdictWords(proof: Pick<FailedProof, 'prover' | 'reason' | 'evidence'>): string {
  const words = REASONS[proof.reason] ?? `the prover says ${proof.reason}`;
  const evidence = members(proof.evidence);
  const bound = boundIn(proof.prover);
  const { value } = evidence;
  if (typeof value === 'number' && bound)
    return `${words}: ${number(value)}, and it must be ${bound.sign} ${number(bound.limit)}`;
  if (proof.reason === 'budget.exceeded' && isBudget(evidence)) {
    const { before, amount, limit } = evidence;
    return `${words}: ${number(before)} used and ${number(amount)} asked for, of ${number(limit)}`;
  }
  if (proof.reason.startsWith('row_count.') && typeof evidence.rows === 'number')
    return `${words}: ${number(evidence.rows)}`;
  return words;
}

/** One line for a list: what stands in the way. */
export function reviewWords(review: ReviewTicket): string {
  const proof = review.evidence[0];
  if (proof) {
    const more = review.evidence.length - 1;
    return capital(verdictWords(proof)) + (more ? ` (and ${String(more)} more)` : '');
  }
  if (review.requirement === 'approval') return 'The runbook asks people before this step';
  if (review.requirement.startsWith('four_eyes/')) return 'Nobody does this alone: a second person is asked';
  return capital(review.reason);
}

export interface Bound {
  readonly sign: '≥' | '≤' | '≠' | '>' | '<' | '=';
  readonly limit: number;
  readonly holds: (value: number) => boolean;
}

const SIGNS: Readonly<Record<string, Pick<Bound, 'sign'> & { holds: (a: number, b: number) => boolean }>> = {
  '>=': { sign: '≥', holds: (a, b) => a >= b },
  '<=': { sign: '≤', holds: (a, b) => a <= b },
  '!=': { sign: '≠', holds: (a, b) => a !== b },
  '>': { sign: '>', holds: (a, b) => a > b },
  '<': { sign: '<', holds: (a, b) => a < b },
  '=': { sign: '=', holds: (a, b) => a === b },
};

/** The bound that a prover's name ends with, as in `kpi:completeness>=0.95`. */
export function boundIn(prover: string): Bound | null {
  const match = /^[^<>=!]+(>=|<=|!=|>|<|=)\s*(-?\d+(?:\.\d+)?)$/.exec(prover);
  const known = match?.[1] === undefined ? undefined : SIGNS[match[1]];
  if (!known || match?.[2] === undefined) return null;
  const limit = Number(match[2]);
  return { sign: known.sign, limit, holds: (value) => known.holds(value, limit) };
}

/** The comparison, made again from the evidence; null where there is nothing to compare. */
export function workedOut(
  proof: Pick<FailedProof, 'prover' | 'evidence'>,
): { readonly text: string; readonly holds: boolean } | null {
  const evidence = members(proof.evidence);
  const bound = boundIn(proof.prover);
  if (typeof evidence.value === 'number' && bound)
    return {
      text: `${String(evidence.value)} ${bound.sign} ${String(bound.limit)}`,
      holds: bound.holds(evidence.value),
    };
  if (!isBudget(evidence)) return null;
  const { before, amount, limit } = evidence;
  return {
    text: `${String(before)} + ${String(amount)} ≤ ${String(limit)}`,
    holds: before + amount <= limit,
  };
}

/** Evidence as names and short texts; of what is nested, its members by their path, the first `most`. */
export function facts(evidence: unknown, most = 24): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  const walk = (name: string, value: unknown): void => {
    if (found.length >= most) return;
    if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) {
      for (const [key, item] of Object.entries(value)) walk(name ? `${name} · ${key}` : key, item);
    } else found.push([name || 'evidence', shortText(value)]);
  };
  if (evidence !== undefined) walk('', evidence);
  return found;
}

const SAID: Readonly<Record<string, Look>> = {
  opened: { glyph: '○', word: 'case opened', tone: 'calm' },
  approved: { glyph: '✓◇', word: 'approved', tone: 'over' },
  rejected: { glyph: '⊘', word: 'rejected', tone: 'bad' },
  'info-requested': { glyph: '?', word: 'information asked for', tone: 'warn' },
  'info-given': { glyph: '↩', word: 'answered', tone: 'busy' },
  'break-glass': { glyph: '⚠', word: 'glass broken', tone: 'bad' },
  expired: { glyph: '⏱', word: 'expired', tone: 'bad' },
  closed: { glyph: '■', word: 'closed by event', tone: 'calm' },
};

const STATES: Readonly<Record<string, Look>> = {
  open: { glyph: '○', word: 'open', tone: 'busy' },
  'info-requested': { glyph: '?', word: 'waiting for information', tone: 'warn' },
  approved: { glyph: '✓◇', word: 'approved as override', tone: 'over' },
  rejected: { glyph: '⊘', word: 'rejected', tone: 'bad' },
  expired: { glyph: '⏱', word: 'expired', tone: 'bad' },
  closed: { glyph: '■', word: 'closed by event', tone: 'calm' },
};

export function decisionLook(decision: string): Look {
  return SAID[decision] ?? { glyph: '·', word: decision, tone: 'calm' };
}

/** An approval that was asked for by the runbook overrides nothing. */
export function stateLook(review: Pick<ReviewTicket, 'state' | 'requirement'>): Look {
  const look = STATES[review.state] ?? { glyph: '·', word: review.state, tone: 'calm' as const };
  const isPlain = review.state === 'approved' && !isDenial(review);
  return isPlain ? { glyph: '✓', word: 'approved', tone: 'good' } : look;
}

export function riskLook(risk: string): Look {
  const tones: Readonly<Record<string, Look>> = {
    critical: { glyph: '▲▲', word: 'critical', tone: 'bad' },
    high: { glyph: '▲', word: 'high', tone: 'bad' },
    medium: { glyph: '◆', word: 'medium', tone: 'warn' },
    low: { glyph: '▽', word: 'low', tone: 'calm' },
  };
  return tones[risk] ?? { glyph: '·', word: risk, tone: 'calm' };
}

export function isDenial(review: Pick<ReviewTicket, 'requirement'>): boolean {
  return review.requirement.startsWith('denial/');
}

/** Where in the step it was: before it acted, or after. */
export function phaseWords(requirement: string): string {
  const words: Readonly<Record<string, string>> = {
    'denial/preconditions': 'before the step, a precondition',
    'denial/postconditions': 'after the step, a postcondition',
    approval: 'before the step, an approval that the runbook asks for',
  };
  return words[requirement] ?? 'before the step, a second pair of eyes';
}

export function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function isBudget(
  evidence: Readonly<Record<string, unknown>>,
): evidence is { before: number; amount: number; limit: number } {
  return ['before', 'amount', 'limit'].every((name) => typeof evidence[name] === 'number');
}

function shortText(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}
