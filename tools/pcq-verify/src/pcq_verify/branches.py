"""Which steps were to run, and on what: conditions, mapped lists, inputs (spec/execution.md, 2)."""

from __future__ import annotations

__all__ = ["expected_inputs", "is_wanted"]

from typing import Any

from pcq_verify.definition import StepDefinition
from pcq_verify.sandbox import EvaluationError, Sandbox
from pcq_verify.values import UnavailableError, Values

_MAX_ITEMS = 10_000


def is_wanted(declared: StepDefinition, values: Values, parameters: Any, sandbox: Sandbox) -> bool:
    """Whether the step had to run rather than be skipped.

    Raises EvaluationError for a condition that says neither, UnavailableError, BudgetError.
    """
    names = declared.depends_on
    if names and all(values.step(name).outcome == "skipped" for name in names):
        return False
    condition = declared.body.get("when")
    if condition is None:
        return True
    wanted = sandbox.evaluate(condition, _visible(declared, values, parameters))
    if type(wanted) is not bool:
        raise EvaluationError(f"its condition {condition!r} is neither true nor false")
    return wanted


def expected_inputs(declared: StepDefinition, values: Values, parameters: Any, sandbox: Sandbox) -> Any:
    """The inputs that the step must have had; raises as `is_wanted` does."""
    if "forEach" in declared.body:
        return _of_items(declared, values, parameters, sandbox)
    expressions = declared.body.get("inputs")
    if expressions is not None:
        data = _visible(declared, values, parameters)
        if type(expressions) is str:
            return sandbox.evaluate(expressions, data)
        return {name: sandbox.evaluate(text, data) for name, text in expressions.items()}
    names = [name for name in declared.depends_on if values.step(name).outcome != "skipped"]
    if len(declared.depends_on) == 1:
        return values.of(names[0], "outputs")
    return {name: values.of(name, "outputs") for name in names}


def _of_items(declared: StepDefinition, values: Values, parameters: Any, sandbox: Sandbox) -> list[Any]:
    found = sandbox.evaluate(declared.body["forEach"], _visible(declared, values, parameters))
    items = found if type(found) is list else [] if found is None else [found]
    if len(items) > _MAX_ITEMS:
        raise EvaluationError(f"{len(items)} items are more than {_MAX_ITEMS}")
    expressions = declared.body.get("inputs")
    if expressions is None or not items:
        return items
    seen = [{"parameters": parameters, "item": item, "index": index} for index, item in enumerate(items)]
    if type(expressions) is str:
        return sandbox.evaluate_each(expressions, seen)
    columns = {name: sandbox.evaluate_each(text, seen) for name, text in expressions.items()}
    return [{name: column[index] for name, column in columns.items()} for index in range(len(items))]


def _visible(declared: StepDefinition, values: Values, parameters: Any) -> dict[str, Any]:
    if parameters is None:
        raise UnavailableError("the parameters are missing")
    return {
        "parameters": parameters,
        "steps": {name: values.of(name, "outputs") for name in values.ancestors(declared.step_id)},
    }
