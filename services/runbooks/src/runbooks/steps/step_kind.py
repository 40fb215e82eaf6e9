"""What a step type is: what it asks of the world, and what its outputs are. Pure."""

from __future__ import annotations

__all__ = ["StepKind"]

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from runbooks.definition import StepDefinition
from runbooks.effects import Action
from runbooks.needs import Needs


class StepKind:
    """Base of the step types; one subclass a file, one line in the registry.

    `members` is the JSON Schema of the members a definition may have beyond the common ones,
    `required` names those it must have. A kind whose `action` is None is pure: a verifier
    recomputes its outputs from its inputs. One that `is_mappable` may have `forEach`. With `ways` a
    step goes exactly one of them: each is the members that it needs and those that it may have besides.
    """

    kind: ClassVar[str]
    members: ClassVar[dict[str, Any]] = {}
    required: ClassVar[tuple[str, ...]] = ()
    is_mappable: ClassVar[bool] = False
    ways: ClassVar[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = ()

    def expressions(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """(member path, JSONata text) of every expression of the step, for lint."""
        del step
        return ()

    def misfits(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """(member, why) of members that do not go together, for which the definition is refused."""
        del step
        return ()

    def schemas(self, step: StepDefinition) -> Iterable[tuple[str, Any]]:
        """(member path, JSON Schema) of every schema that the step's author wrote, for lint."""
        del step
        return ()

    def statement(self, step: StepDefinition) -> str | None:
        """The step's SQL, if it has some."""
        del step
        return None

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """What to ask of the world; None for a pure step. Raises EvidenceError for unusable inputs."""
        del step, inputs, parameters
        return None

    def touches(self, step: StepDefinition) -> Mapping[str, Any] | None:
        """What the step does to the world outside, as its author wrote it; None when it only reads or computes."""
        del step
        return None

    def needs(self, step: StepDefinition) -> Needs | None:
        """Which people the step asks, if any; their review is then the `answer` of `outputs`."""
        del step
        return None

    def model(self, step: StepDefinition) -> str | None:
        """Which model the step scores with, if any; its document is then the `answer` of `outputs`."""
        del step
        return None

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """The step's outputs; `answer` is the action's, `values` its metrics'.

        Raises ExpressionError, EvidenceError.
        """
        raise NotImplementedError
