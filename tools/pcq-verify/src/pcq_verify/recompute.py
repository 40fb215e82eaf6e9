"""Inputs and pure outputs, computed again from what came before (spec/execution.md, 2 and 3)."""

from __future__ import annotations

__all__ = ["check_inputs", "check_outputs"]

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.encoding import is_digest
from pcq_verify.exports import NoExportError, exported
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest, Step
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Reviews, State
from pcq_verify.sandbox import BudgetError, EvaluationError, Sandbox
from pcq_verify.shapes import got
from pcq_verify.values import UnavailableError, Values, compare

_STARTED = ("done", "overridden", "failed", "blocked")


class _NotReproducedError(ValueError):
    """What was recorded cannot have come from this definition."""


def check_inputs(
    manifest: Manifest, definition: Definition, values: Values, parameters: Any, sandbox: Sandbox
) -> Iterator[Finding]:
    """Findings where a step's recorded inputs do not follow from its dependencies."""
    for step in manifest.steps:
        if step.outcome not in _STARTED:
            continue
        declared = definition.steps[step.step_id]
        try:
            expected = _inputs(declared, values, parameters, sandbox)
        except (UnavailableError, BudgetError) as error:
            yield Finding(Fault.INCOMPLETE, f"{step.name}, inputs", f"not recomputed: {error}")
            continue
        except EvaluationError as error:
            expected = {}
            if step.outcome in ("done", "overridden"):
                message = f"outcome {step.outcome}, but its inputs cannot be computed: {error}"
                yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, inputs", message)
                continue
        yield from compare(expected, step.sections["inputs"], step.name)


def _inputs(declared: StepDefinition, values: Values, parameters: Any, sandbox: Sandbox) -> Any:
    expressions = declared.body.get("inputs")
    if expressions is None:
        names = declared.depends_on
        if len(names) == 1:
            return values.of(names[0], "outputs")
        return {name: values.of(name, "outputs") for name in names}
    if parameters is None:
        raise UnavailableError("the parameters are missing")
    visible = {name: values.of(name, "outputs") for name in values.ancestors(declared.step_id)}
    data = {"parameters": parameters, "steps": visible}
    if isinstance(expressions, str):
        return sandbox.evaluate(expressions, data)
    return {name: sandbox.evaluate(text, data) for name, text in expressions.items()}


def check_outputs(
    manifest: Manifest, definition: Definition, values: Values, parameters: Any, sandbox: Sandbox, reviews: Reviews
) -> Iterator[Finding]:
    """Findings where the outputs of a pure step or an export differ from those recomputed over what was recorded."""
    for step in manifest.steps:
        declared = definition.steps[step.step_id]
        if declared.kind == "approval" and step.outcome == "failed":
            yield from _failed_approval(step, partial(_inputs, declared, values, parameters, sandbox), reviews)
        recompute = _PURE.get(declared.kind)
        if recompute is None or not _has_outputs(step):
            continue
        try:
            expected = recompute(step, declared, values, sandbox, reviews)
        except (UnavailableError, BudgetError) as error:
            yield Finding(Fault.INCOMPLETE, f"{step.name}, outputs", f"not recomputed: {error}")
        except (EvaluationError, NoExportError, _NotReproducedError) as error:
            message = f"outcome {step.outcome}, but its outputs cannot be computed: {error}"
            yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, outputs", message)
        else:
            yield from compare(expected, step.sections["outputs"], step.name)


def _has_outputs(step: Step) -> bool:
    # A step that a precondition blocked, or that failed, never got as far as outputs.
    return step.outcome in ("done", "overridden") or (step.outcome == "blocked" and bool(step.proofs["postconditions"]))


def _transform(step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews) -> Any:
    del reviews
    return sandbox.evaluate(declared.body["expression"], values.of(step.step_id, "inputs"))


def _aggregate(
    step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews
) -> list[dict[str, Any]]:
    del reviews
    rows = values.of(step.step_id, "inputs")
    if not isinstance(rows, list):
        raise _NotReproducedError("an aggregate needs a list of rows")
    groups: dict[bytes, tuple[Any, list[Any]]] = {}
    for key, row in zip(sandbox.evaluate_each(declared.body["groupBy"], rows), rows, strict=True):
        groups.setdefault(canonical(key), (key, []))[1].append(row)
    ordered = [groups[encoded] for encoded in sorted(groups)]
    outputs: list[dict[str, Any]] = [{"key": key} for key, _ in ordered]
    for name, text in declared.body["measures"].items():
        for output, value in zip(outputs, sandbox.evaluate_each(text, [rows for _, rows in ordered]), strict=True):
            output[name] = value
    return outputs


def _assertion(
    step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews
) -> dict[str, Any]:
    del reviews
    condition = declared.body.get("assert")
    if condition is not None and sandbox.evaluate(condition, values.of(step.step_id, "inputs")) is not True:
        raise _NotReproducedError(f"its assertion {condition!r} is not true of its inputs")
    outputs = {}
    for position, proof in enumerate(step.proofs["postconditions"]):
        if proof["kind"] != "metric" or proof["reason"] == "prover.wrong_phase":
            continue
        if step.sections["proofs"].fields[f"postconditions/{position}/evidence"].hidden:
            raise UnavailableError(f"the evidence of {proof['prover']} is redacted")
        outputs[_metric_name(proof["prover"])] = _measured(proof["evidence"])
    return outputs


def _metric_name(prover: str) -> str:
    return re.split("[<>=!]", prover.partition(":")[2] or prover, maxsplit=1)[0]


def _measured(evidence: Mapping[str, Any]) -> Any:
    # The verdict check proves `value` from the row; here it is only copied.
    return evidence.get("value")


def _approval(
    step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews
) -> dict[str, Any]:
    del declared, sandbox
    subject = reviews.action_subject(step.step_id, values.of(step.step_id, "inputs"))
    review = reviews.last(step.step_id, "approval", subject)
    if review is None or review.state is not State.APPROVED:
        raise _NotReproducedError(f"its review is {review.state}" if review else "nobody approved it")
    approvals = [
        {"approver": item.approver, "reason": item.statement["reason"], "approval": item.digest}
        for item in review.said("approved", "break-glass")
    ]
    return {"decision": "break-glass" if review.is_broken_glass else "approved", "approvals": approvals}


def _failed_approval(step: Step, inputs: Callable[[], Any], reviews: Reviews) -> Iterator[Finding]:
    """An approval step fails when its review does not approve it, or when its inputs cannot be computed."""
    where = f"{step.name}, outcome"
    try:
        review = reviews.last(step.step_id, "approval", reviews.action_subject(step.step_id, inputs()))
    except (UnavailableError, BudgetError) as error:
        yield Finding(Fault.INCOMPLETE, where, f"not derived again: {error}")
    except EvaluationError:
        return
    else:
        if review is None or review.state not in (State.REJECTED, State.EXPIRED):
            state = f"its review is {review.state}" if review else "nobody was asked"
            yield Finding(Fault.NOT_REPRODUCED, where, f"failed, but {state}")


def _export(step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews) -> dict[str, Any]:
    del sandbox, reviews
    return exported(declared.body, values.of(step.step_id, "inputs"))


def _report(step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews) -> dict[str, Any]:
    """What can be said without setting it: the file's name and kind; the rest stays as it was recorded."""
    del sandbox, reviews
    told = values.of(step.step_id, "outputs")
    parts = told if type(told) is dict else {}
    good = {"digest": is_digest, "template": is_digest, "engine": _is_text, "size": _is_size}
    for name, is_good in good.items():
        if not is_good(parts.get(name)):
            raise _NotReproducedError(f"its outputs are no artifact of a report: {name} is {got(parts.get(name))}")
    kept = {name: parts[name] for name in good}
    return {"file": declared.body["file"], "mediaType": "application/pdf", **kept}


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_size(value: Any) -> bool:
    return type(value) is int and value >= 0


_PURE = {
    "transform": _transform,
    "aggregate": _aggregate,
    "assertion": _assertion,
    "approval": _approval,
    "export": _export,
    "report": _report,
}
