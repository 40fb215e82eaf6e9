/** Checks `inputs` and `outputs`: computed again from what came before (spec/execution.md, 2 and 3). */

import type { Definition } from './definition.ts';
import type { Engines } from './engines.ts';
import { EvaluationError } from './expressions/errors.ts';
import { StrictJsonError } from './json/strict.ts';
import { emptyObject, type Json, type JsonObject } from './json/value.ts';
import type { Manifest, Step } from './manifest.ts';
import { STARTED } from './outcomes.ts';
import type { Pace } from './pace.ts';
import { FAULT, finding, type Finding } from './report.ts';
import type { Reviews } from './reviews/review.ts';
import { computeInputs } from './steps/inputs.ts';
import { NotReproducedError, type Recorded } from './steps/kind.ts';
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
  readonly pace: Pace;
}

/** Findings where a step's recorded inputs do not follow from its dependencies. */
export function checkInputs(story: Story): Promise<Finding[]> {
  return eachStep(story, async ({ declared, engines, parameters, step, values }) => {
    if (!STARTED.includes(step.outcome)) return [];
    let expected: Json;
    try {
      expected = await computeInputs(declared, parameters, values, engines);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      if (step.outcome === 'done' || step.outcome === 'overridden') {
        const message = `outcome ${step.outcome}, but its inputs cannot be computed: ${error.message}`;
        return [finding(FAULT.notReproduced, `${step.name}, inputs`, message)];
      }
      expected = emptyObject();
    }
    return compare(expected, step.sections.inputs, step.name);
  });
}

/** Findings where the outputs of a pure step differ from those recomputed over its recorded inputs and reviews. */
export function checkOutputs(story: Story): Promise<Finding[]> {
  return eachStep(story, async (recorded) => {
    const { declared, step } = recorded;
    const kind = stepKind(declared.kind);
    if (step.outcome === 'failed' && kind?.failure) {
      const problem = await kind.failure(recorded);
      return problem ? [finding(FAULT.notReproduced, `${step.name}, outcome`, `failed, but ${problem}`)] : [];
    }
    if (!kind?.outputs || !hasOutputs(step)) return [];
    try {
      return compare(await kind.outputs(recorded), step.sections.outputs, step.name);
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof NotReproducedError)) throw error;
      const message = `outcome ${step.outcome}, but its outputs cannot be computed: ${error.message}`;
      return [finding(FAULT.notReproduced, `${step.name}, outputs`, message)];
    }
  });
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
