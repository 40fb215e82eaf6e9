/** What may stand in the query of each address; defaults are left out, and what makes no sense is dropped. Pure. */

type Raw = Readonly<Record<string, unknown>>;

export interface TemplateSearch {
  readonly tab?: 'steps' | 'parameters' | 'history' | 'definition';
}
export const templateSearch = (raw: Raw): TemplateSearch =>
  clean({ tab: oneOf(raw.tab, ['steps', 'parameters', 'history', 'definition']) });

export interface RunSearch {
  /** An execution whose parameters are taken over. */
  readonly from?: string;
}
export const runSearch = (raw: Raw): RunSearch => clean({ from: text(raw.from) });

export interface ExecutionsSearch {
  readonly outcome?: string;
  readonly runbook?: string;
  readonly actor?: string;
  /** What failed: a step, a prover. */
  readonly step?: string;
  readonly prover?: string;
  readonly q?: string;
  readonly from?: string;
  readonly to?: string;
}
export const executionsSearch = (raw: Raw): ExecutionsSearch =>
  clean({
    outcome: text(raw.outcome),
    runbook: text(raw.runbook),
    actor: text(raw.actor),
    step: text(raw.step),
    prover: text(raw.prover),
    q: text(raw.q),
    from: time(raw.from),
    to: time(raw.to),
  });

export const VIEWS = ['graph', 'timeline', 'list', 'log'] as const;
export const STEP_TABS = [
  'output',
  'input',
  'provers',
  'attempts',
  'logs',
  'attestation',
  'definition',
] as const;
export interface ExecutionSearch {
  readonly view?: (typeof VIEWS)[number];
  readonly step?: string;
  readonly tab?: (typeof STEP_TABS)[number];
  readonly failed?: true;
  /** Letters that are looked for in the log. */
  readonly q?: string;
  /** The number of a line of the log. */
  readonly line?: number;
  /** Of the log, errors only. */
  readonly errors?: true;
}
export const executionSearch = (raw: Raw): ExecutionSearch =>
  clean({
    view: oneOf(raw.view, VIEWS),
    step: text(raw.step),
    tab: oneOf(raw.tab, STEP_TABS),
    failed: flag(raw.failed),
    q: text(raw.q),
    line: number(raw.line),
    errors: flag(raw.errors),
  });

export interface ReplaySearch {
  readonly step?: string;
  readonly all?: true;
}
export const replaySearch = (raw: Raw): ReplaySearch => clean({ step: text(raw.step), all: flag(raw.all) });

export interface ReviewSearch {
  readonly state?: 'open' | 'waiting' | 'decided' | 'all';
  readonly mine?: true;
  readonly risk?: string;
}
export const reviewSearch = (raw: Raw): ReviewSearch =>
  clean({
    state: oneOf(raw.state, ['open', 'waiting', 'decided', 'all'] as const),
    mine: flag(raw.mine),
    risk: text(raw.risk),
  });

export interface VerifySearch {
  /** An execution whose proof the service is asked for. */
  readonly execution?: string;
  /** The record of a block, of one that has not ended. */
  readonly blocked?: true;
}
export const verifySearch = (raw: Raw): VerifySearch =>
  clean({ execution: text(raw.execution), blocked: flag(raw.blocked) });

export const CASE_TABS = ['evidence', 'timeline', 'step'] as const;
export interface CaseSearch {
  readonly tab?: (typeof CASE_TABS)[number];
}
export const caseSearch = (raw: Raw): CaseSearch => clean({ tab: oneOf(raw.tab, CASE_TABS) });

export interface AuditSearch {
  readonly who?: string;
  readonly action?: string;
  readonly object?: string;
  readonly from?: string;
  readonly to?: string;
}
export const auditSearch = (raw: Raw): AuditSearch =>
  clean({
    who: text(raw.who),
    action: text(raw.action),
    object: text(raw.object),
    from: time(raw.from),
    to: time(raw.to),
  });

function text(value: unknown): string | undefined {
  // A search value that looks like a number has become one on its way.
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined;
}

function flag(value: unknown): true | undefined {
  return value === true ? true : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function time(value: unknown): string | undefined {
  const found = text(value);
  return found !== undefined && !Number.isNaN(Date.parse(found)) ? found : undefined;
}

function oneOf<T extends string>(value: unknown, known: readonly T[]): T | undefined {
  return known.find((item) => item === value);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
function clean<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
