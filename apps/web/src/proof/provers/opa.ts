/** `opa`: the policy question put together from header, context and claim, and asked again (spec/provers.md, 2). */

import type { JsonObject } from '../json/value.ts';
import type { Decision } from '../rego/policies.ts';
import { open, text } from '../shape/shapes.ts';
import { claimOf, judgement, type Judgement, type Prover, type Scope } from './prover.ts';

const VERDICTS: Readonly<Record<Decision, [Judgement['result'], string]>> = {
  allow: ['pass', 'policy.allowed'],
  deny: ['fail', 'policy.denied'],
  undefined: ['error', 'policy.undefined'],
  'non-boolean': ['error', 'policy.non_boolean'],
  error: ['error', 'policy.error'],
};

export const opa: Prover = {
  phase: 'preconditions',
  claim: claimOf({ policy: text(), input: open({ action: text(), resource: text() }) }),
  judge(claim, scope, recorded) {
    const query = `data.${claim['policy'] as string}`;
    const input = question(claim['input'] as JsonObject, scope);
    const decision = scope.engines.decide(query, input);
    const policy = scope.manifest.context.policies;
    // Another version may ask again, so the engine's name is the recorded one.
    const engine = typeof recorded['engine'] === 'string' ? recorded['engine'] : '';
    return judgement(...VERDICTS[decision], { policy, query, input, decision, engine });
  },
};

function question({ action, resource, ...properties }: JsonObject, scope: Scope): JsonObject {
  const { context, header } = scope.manifest;
  return {
    subject: { type: 'agent', id: header.executedBy },
    action: { name: action ?? null },
    resource: { type: resource ?? null, properties },
    context: {
      now: context.logicalTime,
      purpose: context.purpose,
      runbook: context.runbookId,
      version: context.version,
      step: scope.step.stepId,
    },
  };
}
