"""Inputs and pure outputs, computed again from what came before (spec/execution.md, 2 and 3)."""

from __future__ import annotations

__all__ = ["check_inputs", "check_outputs"]

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pcq_verify.branches import expected_inputs, is_wanted
from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.encoding import is_digest
from pcq_verify.exports import NoExportError, exported
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest, Step
from pcq_verify.materials import Documents
from pcq_verify.models import ScoreError, score
from pcq_verify.notified import NotSentError, notified
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Reviews, State
from pcq_verify.sandbox import BudgetError, EvaluationError, MissingEngineError, Sandbox
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
        declared = definition.steps[step.step_id]
        if step.outcome == "skipped":
            yield from _skip_findings(step, declared, values, parameters, sandbox)
        elif step.outcome in _STARTED:
            yield from _input_findings(step, declared, values, parameters, sandbox)


def _skip_findings(
    step: Step, declared: StepDefinition, values: Values, parameters: Any, sandbox: Sandbox
) -> Iterator[Finding]:
    try:
        why = "its condition is true" if is_wanted(declared, values, parameters, sandbox) else ""
    except EvaluationError as error:
        why = str(error)
    except (UnavailableError, BudgetError) as error:
        yield Finding(Fault.INCOMPLETE, f"{step.name}, outcome", f"not derived again: {error}")
        return
    if why:
        yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, outcome", f"skipped, but {why}")


def _input_findings(
    step: Step, declared: StepDefinition, values: Values, parameters: Any, sandbox: Sandbox
) -> Iterator[Finding]:
    where = f"{step.name}, inputs"
    try:
        if not is_wanted(declared, values, parameters, sandbox):
            message = f"outcome {step.outcome}, but it had to be skipped"
            yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, outcome", message)
            return
        expected = expected_inputs(declared, values, parameters, sandbox)
    except (UnavailableError, BudgetError) as error:
        yield Finding(Fault.INCOMPLETE, where, f"not recomputed: {error}")
        return
    except EvaluationError as error:
        expected = {}
        if step.outcome in ("done", "overridden"):
            message = f"outcome {step.outcome}, but its inputs cannot be computed: {error}"
            yield Finding(Fault.NOT_REPRODUCED, where, message)
            return
    yield from compare(expected, step.sections["inputs"], step.name)


def check_outputs(
    manifest: Manifest, documents: Documents, definition: Definition, values: Values, sandbox: Sandbox, reviews: Reviews
) -> Iterator[Finding]:
    """Findings where the outputs of a pure step or an export differ from those recomputed over what was recorded."""
    parameters = documents.parameters
    pure: dict[str, Callable[..., Any]] = {
        **_PURE,
        "score": partial(_score, manifest.context["models"], documents.models),
    }
    for step in manifest.steps:
        declared = definition.steps[step.step_id]
        if declared.kind == "approval" and step.outcome == "failed":
            inputs = partial(expected_inputs, declared, values, parameters, sandbox)
            yield from _failed_approval(
                step, partial(is_wanted, declared, values, parameters, sandbox), inputs, reviews
            )
        recompute = pure.get(declared.kind)
        if recompute is None or not step.has_outputs:
            continue
        try:
            expected = recompute(step, declared, values, sandbox, reviews)
        except (UnavailableError, BudgetError, MissingEngineError) as error:
            yield Finding(Fault.INCOMPLETE, f"{step.name}, outputs", f"not recomputed: {error}")
        except (EvaluationError, NoExportError, NotSentError, ScoreError, _NotReproducedError) as error:
            message = f"outcome {step.outcome}, but its outputs cannot be computed: {error}"
            yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, outputs", message)
        else:
            yield from compare(expected, step.sections["outputs"], step.name)


def _transform(step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews) -> Any:
    del reviews
    compute = partial(_rows, declared, sandbox) if "sql" in declared.body else partial(_value, declared, sandbox)
    return _of_items(declared, values.of(step.step_id, "inputs"), compute)


def _aggregate(step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews) -> Any:
    del reviews
    compute = partial(_rows if "sql" in declared.body else _grouped, declared, sandbox)
    return _of_items(declared, values.of(step.step_id, "inputs"), compute)


def _of_items(declared: StepDefinition, inputs: Any, compute: Callable[[Any], Any]) -> Any:
    if "forEach" not in declared.body:
        return compute(inputs)
    if type(inputs) is not list:
        raise _NotReproducedError("a step with forEach needs a list of inputs")
    return [compute(item) for item in inputs]


def _value(declared: StepDefinition, sandbox: Sandbox, inputs: Any) -> Any:
    return sandbox.evaluate(declared.body["expression"], inputs)


def _rows(declared: StepDefinition, sandbox: Sandbox, inputs: Any) -> Any:
    return sandbox.rows(declared.body["sql"], inputs, declared.body.get("columns", {}))


def _grouped(declared: StepDefinition, sandbox: Sandbox, rows: Any) -> list[dict[str, Any]]:
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


def _score(
    digests: Mapping[str, str],
    models: Mapping[str, Mapping[str, Any]],
    step: Step,
    declared: StepDefinition,
    values: Values,
    *_: Any,
) -> Any:
    name = declared.body["model"]
    if name not in models:
        raise UnavailableError(f"the model {name} is missing")
    inputs = values.of(step.step_id, "inputs")
    return _of_items(declared, inputs, lambda rows: {"model": digests[name], "rows": score(models[name], rows)})


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


def _failed_approval(
    step: Step, wanted: Callable[[], bool], inputs: Callable[[], Any], reviews: Reviews
) -> Iterator[Finding]:
    """An approval step fails when its review does not approve it, or when its inputs cannot be computed."""
    where = f"{step.name}, outcome"
    try:
        wanted()
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


def _notify(step: Step, declared: StepDefinition, values: Values, sandbox: Sandbox, reviews: Reviews) -> dict[str, Any]:
    del step, reviews
    return notified(declared, values, sandbox)


# Of what the world answers a `notify` step its outputs hold nothing but who the installation's own recipients are.
_PURE = {
    "transform": _transform,
    "aggregate": _aggregate,
    "assertion": _assertion,
    "approval": _approval,
    "export": _export,
    "report": _report,
    "notify": _notify,
}
