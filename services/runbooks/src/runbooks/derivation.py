"""What follows from the record: inputs, questions, actions, outputs and verdicts of a step. Pure.

The execution asks here while it lives, a replay asks again from the same record; neither may have
another answer.
"""

from __future__ import annotations

__all__ = ["Derivation", "Materials"]

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from runbooks.canonical import as_recorded, digest_of
from runbooks.definition import Definition, StepDefinition
from runbooks.effects import Action, Each, Measure, PolicyQuestion, Reservation
from runbooks.errors import EvidenceError
from runbooks.events import ExecutionStarted
from runbooks.evidence import Scope
from runbooks.expressions import evaluate
from runbooks.needs import Needs, read_needs
from runbooks.plan import Plan, make_plan
from runbooks.provers import PROVERS, Prover, denies, leaves, prove_named
from runbooks.reviews import action_subject, denial_subject
from runbooks.steps import STEP_KINDS


@dataclass(frozen=True)
class Materials:
    """What an execution was started with: the definition, and the installation's registries as they stood.

    `models` are the documents of just those models that the definition names, by name.
    """

    definition: Definition
    provers: Mapping[str, Any] = field(repr=False)
    licences: Mapping[str, Any] = field(repr=False)
    policies: Mapping[str, Any] = field(repr=False)
    models: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def plan(self) -> Plan:
        """The definition's plan."""
        return make_plan(self.definition)


MAX_ITEMS = 10_000


class Derivation:
    """The judge's and the planner's view of one execution.

    `outputs` and `proofs` (of the preconditions) have those of the steps that are done.
    """

    def __init__(self, materials: Materials, started: ExecutionStarted) -> None:
        self._materials = materials
        self._plan = materials.plan
        self._started = started
        self.outputs: dict[str, Any] = {}
        self.proofs: dict[str, list[dict[str, Any]]] = {}

    def is_wanted(self, step: StepDefinition) -> bool:
        """False when the step is skipped (spec/execution.md, 2.1); raises ExpressionError, EvidenceError."""
        if step.depends_on and not any(name in self.outputs for name in step.depends_on):
            return False
        if step.when is None:
            return True
        wanted = evaluate(step.when, self._visible(step))
        if not isinstance(wanted, bool):
            message = f"step {step.step_id}: `when` must be true or false, got {type(wanted).__name__}"
            raise EvidenceError(message, code="when.not_boolean")
        return wanted

    def inputs(self, step: StepDefinition) -> Any:
        """The step's inputs (spec/execution.md, 2), with `forEach` a list of them; raises ExpressionError."""
        if step.for_each is not None:
            return as_recorded([self._mapped(step, visible) for visible in self._items(step)])
        if step.inputs is not None:
            return as_recorded(self._mapped(step, self._visible(step)))
        if not step.depends_on:
            return {}
        if len(step.depends_on) == 1:
            return self.outputs[step.depends_on[0]]
        return {name: self.outputs[name] for name in step.depends_on if name in self.outputs}

    def _mapped(self, step: StepDefinition, visible: Mapping[str, Any]) -> Any:
        if step.inputs is None:
            return visible["item"]
        if isinstance(step.inputs, str):
            return evaluate(step.inputs, visible)
        return {name: evaluate(text, visible) for name, text in step.inputs.items()}

    def _items(self, step: StepDefinition) -> list[dict[str, Any]]:
        """What the expressions of each item see."""
        found = evaluate(step.for_each or "", self._visible(step))
        # JSONata does not tell a list of one from its element, nor an empty list from no result.
        items = found if isinstance(found, list) else [] if found is None else [found]
        if len(items) > MAX_ITEMS:
            message = (
                f"step {step.step_id}: `forEach` gave {len(items)} items, more than {MAX_ITEMS}; page or group them"
            )
            raise EvidenceError(message, code="for_each.too_many")
        parameters = dict(self._started.parameters)
        # The members in the order of their recorded form, as in `_visible`.
        return [{"index": index, "item": item, "parameters": parameters} for index, item in enumerate(items)]

    def questions(self, step: StepDefinition) -> dict[str, PolicyQuestion]:
        """What the policy engine must be asked before the step acts."""
        found = {}
        for name, prover, claim in self._provers(step, "preconditions"):
            question = prover.question(claim, self._scope(step))
            if question is not None:
                found[name] = question
        return found

    def reservations(self, step: StepDefinition, reserved: Container[str]) -> dict[str, Reservation]:
        """What must be reserved of budgets before the step acts, without those provers whose budgets are `reserved`."""
        if not step.preconditions:
            return {}
        scope = self._scope(step)
        items = (
            (name, prover.reservation(claim, scope)) for name, prover, claim in self._provers(step, "preconditions")
        )
        return {name: item for name, item in items if item is not None and name not in reserved}

    def four_eyes(self, step: StepDefinition) -> dict[str, Needs]:
        """Which people must decide before the step is prepared, by prover name."""
        if not step.preconditions:
            return {}
        needs = ((name, prover.needs(claim)) for name, prover, claim in self._provers(step, "preconditions"))
        return {name: item for name, item in needs if item is not None}

    def approval(self, step: StepDefinition) -> Needs | None:
        """Which people the step itself asks."""
        return STEP_KINDS[step.kind].needs(step)

    def review(self, step: StepDefinition) -> Needs:
        """Which people decide when a proof of the step denies."""
        return read_needs(step.review, due_seconds=259_200)

    def action_subject(self, step: StepDefinition, inputs: Any) -> str:
        """What a decision allows that is made before the step acts."""
        return action_subject(self._context_hash, step.step_id, inputs)

    def denial_subject(
        self, step: StepDefinition, phase: str, inputs: Any, proofs: Sequence[Mapping[str, Any]]
    ) -> str | None:
        """What a decision allows that is made about the proofs that deny; None when none does."""
        denying = [proof for proof in proofs if denies(proof)]
        return denial_subject(self._context_hash, step.step_id, phase, inputs, denying) if denying else None

    def licences(self, step: StepDefinition) -> dict[str, Sequence[str]]:
        """The licences of which the registry must say whether they are revoked before the step acts."""
        if not step.preconditions:
            return {}
        scope = self._scope(step)
        items = ((name, prover.licences(claim, scope)) for name, prover, claim in self._provers(step, "preconditions"))
        return {name: names for name, names in items if names}

    def metrics(self, step: StepDefinition) -> dict[str, str]:
        """The graph queries that measure the step's postconditions."""
        queries = ((name, prover.metric(claim)) for name, prover, claim in self._provers(step, "postconditions"))
        return {name: query for name, query in queries if query is not None}

    def preconditions(self, step: StepDefinition, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Proofs in the definition's order."""
        if not step.preconditions:
            return []
        return self._prove(step, "preconditions", self._scope(step), answers)

    def postconditions(self, step: StepDefinition, outputs: Any, rows: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
        """Proofs in the definition's order; `rows` are those of `metrics`."""
        if not step.postconditions:
            return []
        return self._prove(step, "postconditions", self._scope(step, outputs=outputs), rows)

    def action(self, step: StepDefinition, inputs: Any) -> Action | Each | None:
        """What to ask of the world; None when nothing is. Raises EvidenceError for unusable inputs."""
        kind, parameters = STEP_KINDS[step.kind], self._started.parameters
        action: Action | Each | None
        if step.for_each is None:
            action = kind.action(step, inputs, parameters)
        else:
            actions = [kind.action(step, item, parameters) for item in inputs]
            keyed = [(self._item_key(step, index, inputs[index]), item) for index, item in enumerate(actions) if item]
            action = Each(keyed, step.max_concurrency) if keyed else None
        # A pure step whose postconditions measure the graph asks for those measurements alone.
        return Measure() if action is None and self.metrics(step) else action

    def outputs_of(self, step: StepDefinition, inputs: Any, answer: Any, rows: Mapping[str, list[Any]]) -> Any:
        """The step's outputs from what the world answered; raises ExpressionError, EvidenceError."""
        values = {
            name: prover.judge(claim, self._scope(step), rows[name]).evidence["value"]
            for name, prover, claim in self._provers(step, "postconditions")
            if prover.is_measure and name in rows and name in step.postconditions
        }
        kind = STEP_KINDS[step.kind]
        model = kind.model(step)
        if model is not None:
            document = self._materials.models[model]
            answer = document if step.for_each is None else [document] * len(inputs)
        if step.for_each is None:
            return kind.outputs(step, inputs, answer, values)
        answers = [None] * len(inputs) if answer is None else answer
        return [kind.outputs(step, item, given, values) for item, given in zip(inputs, answers, strict=True)]

    def effect_key(self, step: StepDefinition, inputs: Any) -> str:
        """Idempotency key of the step's action: the same for every attempt, another for other inputs."""
        return digest_of(["pcq-effect-v1", self._started.execution_id, step.step_id, digest_of(inputs)])

    def _item_key(self, step: StepDefinition, index: int, item: Any) -> str:
        return digest_of(["pcq-item-v1", self._started.execution_id, step.step_id, index, digest_of(item)])

    @cached_property
    def _context_hash(self) -> str:
        return digest_of(self._started.context)

    def _claim(self, phase: str, name: str) -> Mapping[str, Any] | None:
        return self._materials.definition.claim(phase, name, self._materials.provers)

    def _prove(
        self, step: StepDefinition, phase: str, scope: Scope, answers: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        find = partial(self._claim, phase)
        return [prove_named(name, phase, find, scope, answers) for name in step.provers(phase)]

    def _provers(self, step: StepDefinition, phase: str) -> list[tuple[str, Prover, Mapping[str, Any]]]:
        found = []
        for name, claim in leaves(step.provers(phase), partial(self._claim, phase)):
            prover = PROVERS.get(claim["type"])
            if prover is not None and prover.phase == phase:
                found.append((name, prover, claim))
        return found

    def _visible(self, step: StepDefinition) -> dict[str, Any]:
        # Sorted, as the recorded form is: an expression can tell the order of members. What was skipped gave nothing.
        ancestors = sorted(self._plan.ancestors(step.step_id))
        steps = {name: self.outputs[name] for name in ancestors if name in self.outputs}
        return {"parameters": dict(self._started.parameters), "steps": steps}

    def _scope(self, step: StepDefinition, *, outputs: Any = None) -> Scope:
        context = self._started.context
        return Scope(
            executed_by=self._started.executed_by,
            logical_time=context["logicalTime"],
            purpose=context["purpose"],
            runbook_id=context["runbookId"],
            version=context["version"],
            step_id=step.step_id,
            execution_id=self._started.execution_id,
            parameters=self._started.parameters,
            policies_digest=context["policies"],
            licences_digest=context["licences"],
            licences=self._materials.licences,
            outputs=outputs,
            ancestors=_OfAncestors(self._plan, step.step_id, self.outputs),
            ancestor_proofs=_OfAncestors(self._plan, step.step_id, self.proofs),
        )


class _OfAncestors(Mapping[str, Any]):
    """What is known of a step's ancestors. Few provers look, so they are found when one does."""

    def __init__(self, plan: Plan, step_id: str, known: Mapping[str, Any]) -> None:
        self._plan = plan
        self._step_id = step_id
        self._known = known

    @cached_property
    def _names(self) -> set[str]:
        # What was skipped gave nothing.
        return self._plan.ancestors(self._step_id) & self._known.keys()

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
