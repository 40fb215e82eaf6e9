/** What the service answers, as the routes of its OpenAPI document describe it. */

/** What can be done now, and why not; the console works nothing of it out. */
export interface Action {
  readonly name: string;
  readonly enabled: boolean;
  readonly code: string | null;
  readonly reason: string | null;
}

export type Outcome =
  'running' | 'held' | 'completed' | 'failed' | 'blocked' | 'cancelled' | 'rejected' | (string & {});

export interface ExecutionSummary {
  readonly executionId: string;
  readonly runbookId: string;
  readonly version: string;
  readonly executedBy: string;
  readonly purpose: string | null;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly failedStep: string | null;
  readonly openReviews: number;
  readonly merkleRoot: string | null;
  readonly steps: { readonly settled: number; readonly total: number };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total: { readonly value: number; readonly exact: boolean };
  readonly position: string;
}

/** Why an attempt failed, as it is signed. */
export interface StepError {
  readonly code: string;
  readonly message: string;
}

export interface StepStatus {
  readonly stepId: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly type?: string;
  readonly dependsOn?: readonly string[];
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  readonly attempts?: number;
  readonly description?: string;
  readonly error?: StepError | null;
  readonly blockedBy?: { prover: string; result: string; reason: string } | null;
  readonly reviews?: readonly string[];
  /** How many items a `forEach` has; null for another step, and before they are known. */
  readonly items?: number | null;
  /** Executions that a step of type runbook has begun. */
  readonly children?: readonly string[];
}

export interface ExecutionStatus {
  readonly executionId: string;
  readonly runbookId: string;
  readonly executedBy: string;
  readonly outcome: Outcome;
  readonly merkleRoot: string | null;
  readonly blockedBy: { stepId: string; prover: string; result: string; reason: string } | null;
  readonly actions: readonly Action[];
  readonly openReviews: readonly string[];
  readonly steps: readonly StepStatus[];
  readonly purpose?: string | null;
  readonly version?: string;
  readonly name?: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  readonly paused?: boolean;
  readonly cancelled?: { readonly reason: string; readonly at: string } | null;
  /** The execution of which it is another run, and what that was: rerun, fork. */
  readonly origin?: { readonly executionId: string; readonly as: string } | null;
  readonly parent?: { readonly executionId: string; readonly stepId: string } | null;
  readonly parametersDigest?: string;
  readonly definitionDigest?: string;
  readonly position?: string;
}

export interface ProofShown {
  readonly prover: string;
  readonly result: string;
  readonly reason: string;
  readonly kind?: string;
  readonly severity?: string;
  /** Left out for who may not read values. */
  readonly evidence?: unknown;
}

/** Any JSON; one of more than 64 KiB is told as `{"$digest", "size"}`. */
export type ValueShown = unknown;

export interface Attestation {
  readonly core: Readonly<Record<string, unknown>>;
  readonly attestationHash: string;
  readonly keyid: string;
  readonly signature: string;
  readonly observed: Readonly<Record<string, unknown>>;
}

export interface Attempt {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt?: string | null;
  readonly error?: StepError | null;
}

export interface StepDetail {
  readonly stepId: string;
  readonly type: string;
  readonly description: string;
  readonly dependsOn: readonly string[];
  readonly state: string;
  readonly outcome: string | null;
  readonly inputs?: ValueShown;
  readonly outputs?: ValueShown;
  readonly preconditions: readonly ProofShown[];
  readonly postconditions: readonly ProofShown[];
  readonly attempts: readonly Attempt[];
  readonly reviews: readonly string[];
  readonly definition: Readonly<Record<string, unknown>>;
  readonly attestation: Attestation | null;
}

export interface Template {
  readonly runbookId: string;
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly purpose: string;
  readonly parameters: JsonSchema;
  readonly steps: readonly {
    readonly stepId: string;
    readonly type: string;
    readonly dependsOn: readonly string[];
  }[];
  readonly actions?: readonly Action[];
}

export interface RehearsedStep {
  readonly stepId: string;
  readonly type: string;
  readonly touches: Readonly<Record<string, unknown>> | null;
  readonly preconditions: readonly ProofShown[];
  readonly approvals: readonly {
    readonly requirement: string;
    readonly quorum: number;
    readonly assignedTo: readonly string[];
    readonly groups: readonly string[];
  }[];
}

/** What an execution would do, told without one. */
export interface Rehearsal {
  readonly planDigest: string;
  readonly problems: readonly { in: string; code: string; pointer: string; message: string }[];
  readonly denied: readonly string[];
  readonly steps: readonly RehearsedStep[];
  readonly hosts: readonly string[];
}

export interface Templates {
  readonly items: readonly Template[];
  readonly problems: readonly { source: string; code: string; pointer: string; message: string }[];
}

/** The subset of JSON Schema that a form is drawn from; everything else is entered as JSON. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly [keyword: string]: unknown;
}

export interface ReviewStatement {
  readonly decision: string;
  readonly approver: string;
  readonly reason: string;
  readonly issuedAt: string;
  readonly expiresAt: string | null;
}

export interface ReviewTicket {
  readonly reviewId: string;
  readonly executionId: string;
  readonly runbookId: string;
  readonly requester: string;
  readonly requirement: string;
  readonly failedStep: string;
  readonly failedProver: string | null;
  readonly reason: string;
  readonly evidence: readonly ProofShown[];
  readonly shown: unknown;
  readonly quorum: number;
  readonly assignedTo: readonly string[];
  readonly risk: string;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly state: string;
  readonly version: number;
  readonly statements: readonly ReviewStatement[];
  readonly actions: readonly Action[];
}

export interface ReplaySides {
  readonly recordedHash: string;
  readonly hash: string;
  /** False when the record no longer holds what was sealed. */
  readonly isKnown: boolean;
  readonly recorded?: ValueShown;
  readonly again?: ValueShown;
}

export interface ReplayStep {
  readonly stepId: string;
  readonly grade: 'recomputed' | 'played' | 'differs';
  readonly recordedHash: string;
  readonly hash: string;
  readonly mark: 'equal' | 'linked' | 'different';
  readonly role: 'cause' | 'follows' | null;
  readonly members: readonly string[];
  readonly sections: Readonly<Partial<Record<'inputs' | 'outputs' | 'proofs', ReplaySides>>>;
}

export interface ReplayReport {
  readonly executionId: string;
  readonly identical: boolean;
  readonly merkleRoot: string;
  readonly recordedRoot: string;
  readonly steps: readonly ReplayStep[];
}

export interface Me {
  readonly subject: string;
  readonly actions: readonly string[];
  readonly roles?: readonly string[];
  readonly authentication?: string;
  readonly expiresAt?: string | null;
}

export interface AuditEntry {
  readonly seq: number;
  /** What chains it to the records before. */
  readonly entryHash?: string;
  /** Requests of the same person that came too fast before it, and left no record. */
  readonly turnedAway?: number;
  readonly at: string;
  readonly who: string | null;
  readonly action: string;
  readonly resource: string;
  readonly object: string | null;
  readonly status: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly made: string | null;
  readonly requestId: string;
}

/** A page of what is rare may be empty and have a `next`: so far it was looked. */
export interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly next: string | null;
}

export interface PoliciesShown {
  readonly digest: string;
  readonly engine: string;
  readonly modules: readonly string[];
}

export interface LicencesShown {
  readonly digest: string;
  readonly registry: { readonly licences?: readonly unknown[] };
}
