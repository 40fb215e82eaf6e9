/** Checks `inputs` and `outputs`: computed again from what came before (spec/execution.md, 2 and 3). */

import type { Definition } from './definition.ts';
import type { Engines } from './engines.ts';
import { EvaluationError } from './expressions/errors.ts';
import type { Family } from './family.ts';
import { StrictJsonError } from './json/strict.ts';
import { emptyObject, type Json, type JsonObject } from './json/value.ts';
import type { Manifest, Step } from './manifest.ts';
import { STARTED } from './outcomes.ts';
import type { Pace } from './pace.ts';
import { FAULT, finding, type Finding } from './report.ts';
import type { Reviews } from './reviews/review.ts';
import { expectedInputs, isWanted } from './steps/inputs.ts';
import { NotReproducedError, type Models, type Recorded, type StepKind } from './steps/kind.ts';
import { stepKind } from './steps/kinds.ts';
import { compare, UnavailableError, type Values } from './values.ts';

/** What both checks look at. */
export interface Story {
  readonly manifest: Manifest;
  readonly definition: Definition;
  readonly parameters: JsonObject | null;
  readonly values: Values;
  readonly engines: Engines;
  readonly reviews: Reviews;
  readonly models: Models;
  readonly family: Family;
  readonly pace: Pace;
}

/** Findings where a step was not to run, or to be skipped, or its recorded inputs do not follow from its dependencies. */
export function checkInputs(story: Story): Promise<Finding[]> {
  return eachStep(story, async (recorded) => {
    if (recorded.step.outcome === 'skipped') return skipFindings(recorded);
    return STARTED.includes(recorded.step.outcome) ? inputFindings(recorded) : [];
  });
}

async function skipFindings(recorded: Recorded): Promise<Finding[]> {
  let why: string;
  try {
    why = (await isWanted(recorded)) ? 'its condition is true' : '';
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    why = error.message;
  }
  return why ? [finding(FAULT.notReproduced, `${recorded.step.name}, outcome`, `skipped, but ${why}`)] : [];
}

async function inputFindings(recorded: Recorded): Promise<Finding[]> {
  const { name, outcome, sections } = recorded.step;
  let expected: Json;
  try {
    if (!(await isWanted(recorded))) {
      return [
        finding(FAULT.notReproduced, `${name}, outcome`, `outcome ${outcome}, but it had to be skipped`),
      ];
    }
    expected = await expectedInputs(recorded);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    if (outcome === 'done' || outcome === 'overridden') {
      const message = `outcome ${outcome}, but its inputs cannot be computed: ${error.message}`;
      return [finding(FAULT.notReproduced, `${name}, inputs`, message)];
    }
    expected = emptyObject();
  }
  return compare(expected, sections.inputs, name);
}

/** Findings where outputs are not those that follow from what is recorded, or cannot be the step's. */
export function checkOutputs(story: Story): Promise<Finding[]> {
  return eachStep(story, async (recorded) => {
    const { declared, step } = recorded;
    const kind = stepKind(declared.kind);
    if (step.outcome === 'failed' && kind?.failure) {
      const problem = await kind.failure(recorded);
      return problem ? [finding(FAULT.notReproduced, `${step.name}, outcome`, `failed, but ${problem}`)] : [];
    }
    if (!kind || !hasOutputs(step)) return [];
    if (kind.faults) return kind.faults(recorded);
    const where = `${step.name}, outputs`;
    const objection = kind.objection?.(recorded);
    if (objection) return [finding(FAULT.notReproduced, where, `outcome ${step.outcome}, but ${objection}`)];
    try {
      const expected = await expectedOutputs(kind, recorded);
      return expected === undefined ? [] : compare(expected, step.sections.outputs, step.name);
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof NotReproducedError)) throw error;
      const message = `outcome ${step.outcome}, but its outputs cannot be computed: ${error.message}`;
      return [finding(FAULT.notReproduced, where, message)];
    }
  });
}

/** The outputs of a pure step, undefined for another. */
async function expectedOutputs(kind: StepKind, recorded: Recorded): Promise<Json | undefined> {
  const { declared, step, values } = recorded;
  if (kind.derive) return kind.derive(recorded);
  if (!kind.compute) return undefined;
  const inputs = values.inputs(step.stepId);
  if (!('forEach' in declared.body)) return kind.compute(inputs, recorded);
  if (!Array.isArray(inputs)) throw new NotReproducedError('its inputs are no list of items');
  const outputs: Json[] = [];
  for (const item of inputs) outputs.push(await kind.compute(item, recorded));
  return outputs;
}

/** What is wrong with each step in turn; one that cannot be computed is a finding of its own. */
async function eachStep(story: Story, find: (recorded: Recorded) => Promise<Finding[]>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const step of story.manifest.steps) {
    const declared = story.definition.steps.get(step.stepId);
    if (!declared) throw new Error(`the definition has no step ${step.stepId}`);
    try {
      findings.push(...(await find({ ...story, step, declared })));
    } catch (error) {
      if (!(error instanceof UnavailableError || error instanceof StrictJsonError)) throw error;
      findings.push(finding(FAULT.incomplete, step.name, `not computed again: ${error.message}`));
    }
    await story.pace.step(story.manifest.steps.length);
  }
  return findings;
}

function hasOutputs(step: Step): boolean {
  // A step that a precondition blocked, or that failed, never got as far as outputs.
  const { outcome } = step;
  return (
    outcome === 'done' ||
    outcome === 'overridden' ||
    (outcome === 'blocked' && step.proofs.postconditions.length > 0)
  );
}
