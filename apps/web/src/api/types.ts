/** What the service answers, by the names of its OpenAPI document (spec/openapi.json), from which these are made. */

import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];

/** What a start asks for is the author's JSON Schema, which the document leaves open. */
type WithForm<T> = Omit<T, 'parameters'> & { readonly parameters: JsonSchema };

/** What can be done now, and why not; the console works nothing of it out. */
export type Action = Schemas['Action'];
export type Outcome = Schemas['Outcome'];
export type StepState = Schemas['StepState'];
export type StepOutcome = Schemas['StepOutcome'];
export type ExecutionSummary = Schemas['ExecutionSummary'];
export type ExecutionPage = Schemas['ExecutionPage'];
/** How many executions started when. */
export type Histogram = Schemas['Histogram'];
export type LogPage = Schemas['LogPage'];
/** One entry of the ledger in words. */
export type LogLine = LogPage['items'][number];
export type StepStatus = Schemas['StepStatus'];
export type ExecutionStatus = Schemas['Execution'];
export type Attempt = Schemas['Attempt'];
/** Evidence is left out for who may not read values. */
export type ProofShown = Schemas['Proof'];
/** A proof that denies, in a review. */
export type FailedProof = Schemas['FailedProof'];
export type Attestation = Schemas['Seal'];
export type StepDetail = Schemas['StepDetail'];
export type Template = WithForm<Schemas['Template']>;
export type TemplateDetail = WithForm<Schemas['TemplateDetail']>;
export type Templates = Omit<Schemas['TemplateList'], 'items'> & { readonly items: readonly Template[] };
export type RehearsedStep = Schemas['RehearsedStep'];
export type Rehearsal = Schemas['Rehearsal'];
export type ReviewTicket = Schemas['Review'];
export type ReviewStatement = ReviewTicket['statements'][number];
export type Decided = Schemas['Decided'];
export type ReplaySides = Schemas['ReplaySides'];
export type ReplayStep = Schemas['ReplayStep'];
export type ReplayReport = Schemas['Replay'];
export type Me = Schemas['Profile'];
export type AuditEntry = Schemas['AuditRecord'];
export type AuditPage = Schemas['AuditPage'];
export type PoliciesShown = Schemas['Policies'];
export type LicencesShown = Schemas['Licences'];

/** What is sent to start an execution, and to say something in a review. */
export type StartRequest = Schemas['ExecuteRequest'];
export type Decision = Schemas['DecisionRequest'];

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
