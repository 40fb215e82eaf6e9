"""Lies with every hash and signature right: the rightful keys sealed a story that the evidence does not bear out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import scenarios
import small
from maker import draft, seal, step, swap_material

from corpus.attack_seals import attestation
from corpus.cases import Case, Json, step_of

NOT_REPRODUCED = 4


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _verdicts()
    yield from _policies()
    yield from _claims()
    yield from _outcomes()
    yield from _inputs()
    yield from _outputs()
    yield from _endless()


def _lie(name: str, desc: str, change: Callable[[Json], object], manifest: Json = None) -> Case:
    told = scenarios.completed() if manifest is None else manifest
    change(told)
    return Case(name, NOT_REPRODUCED, desc, seal(told))


def _post(manifest: Json, step_id: str, position: int = 0) -> Json:
    return step_of(manifest, step_id)["proofs"]["postconditions"][position]


def _pre(manifest: Json, step_id: str, position: int = 0) -> Json:
    return step_of(manifest, step_id)["proofs"]["preconditions"][position]


def _verdicts() -> Iterator[Case]:
    yield _lie(
        "metric-value", "a better value than the row gives", lambda m: _post(m, "update")["evidence"].update(value=0.9)
    )
    yield _lie(
        "metric-row", "a better row, the old value", lambda m: _post(m, "update")["evidence"]["row"].update(filled=3)
    )
    yield _lie(
        "metric-query",
        "the digest of another query",
        lambda m: _post(m, "update")["evidence"].update(query="sha256:" + "00" * 32),
    )
    yield _lie(
        "metric-rows", "three rows, of which one was kept", lambda m: _post(m, "update")["evidence"].update(rows=3)
    )
    yield _lie("metric-reason", "another reason code", lambda m: _post(m, "update").update(reason="metric.exceeded"))
    yield _lie(
        "metric-severity",
        "a warning that the claim calls a block",
        lambda m: _post(m, "update").update(severity="warn"),
    )
    yield _lie("metric-kind", "another kind than the claim's", lambda m: _post(m, "update").update(kind="licence"))
    yield _lie(
        "metric-more", "evidence with a member more", lambda m: _post(m, "update")["evidence"].update(note="fine")
    )
    yield _lie("metric-less", "evidence with a member less", lambda m: _post(m, "update")["evidence"].pop("rows"))
    bad = small.measured("size > 1", {"size": 1}, 1, 1, "pass", "metric.met")
    yield Case("metric-pass", NOT_REPRODUCED, "a pass though 1 > 1 does not hold", bad)
    bad = small.measured("size > 1", {"size": "2"}, 1, None, "pass", "metric.met")
    yield Case("metric-pass-of-text", NOT_REPRODUCED, "a pass though text is no number", bad)
    bad = small.measured("size > 1", None, 0, None, "pass", "metric.met")
    yield Case("metric-pass-of-nothing", NOT_REPRODUCED, "a pass though no row came", bad)
    bad = small.measured("a / b >= 0.95", {"a": 18, "b": 19}, 1, 18 / 19, "pass", "metric.met")
    yield Case("metric-pass-below", NOT_REPRODUCED, "a pass for 0.947 against 0.95", bad)
    yield _lie(
        "licence-named",
        "another licence than the registry's first",
        lambda m: _pre(m, "fetch", 1)["evidence"].update(licence="enrich@1"),
    )
    yield _lie(
        "licence-now",
        "another time than the logical one",
        lambda m: _pre(m, "fetch", 1)["evidence"].update(now="2025-06-01T00:00:00Z"),
    )
    yield _lie(
        "licence-pass",
        "a pass for what is not permitted",
        lambda m: _pre(m, "publish").update(result="pass", reason="licence.permitted"),
    )
    yield _lie(
        "citations-sources",
        "sources that are not there",
        lambda m: _post(m, "summarise")["evidence"]["claims"][0].update(
            sources=["sha256:" + "00" * 32, "sha256:" + "11" * 32]
        ),
    )
    _, outputs, evidence, _, _ = small.CITED[1]
    yield Case(
        "citations-pass",
        NOT_REPRODUCED,
        "a pass though one source is cited twice",
        small.citing(outputs, evidence, "pass", "citations.met"),
    )
    for name, item in (("dangling", small.CITED[2]), ("nothing", small.CITED[3])):
        yield Case(
            f"citations-pass-{name}",
            NOT_REPRODUCED,
            "a pass though " + item[4],
            small.citing(item[1], item[2], "pass", "citations.met"),
        )


def _policies() -> Iterator[Case]:
    for name, module, desc in (
        ("denies", "package test\nallow := false\n", "an allow that the policy denies"),
        ("undefined", "package test\nallow if input.nobody\n", "an allow that the policy leaves undefined"),
        ("text", 'package test\nallow := "true"\n', "an allow that is a text"),
        ("clock", "package test\nallow if time.now_ns() > 0\n", "an allow that read a clock"),
        ("clock-mock", "package test\nallow if {\n\tcount([]) > 0 with count as time.now_ns\n}\n", "a disguised clock"),
        ("chance", 'package test\nallow if rand.intn("x", 1) == 0\n', "an allow that threw dice"),
        ("environment", "package test\nallow if opa.runtime()\n", "an allow that read the environment"),
        ("network", 'package test\nallow if http.send({"method": "get", "url": "http://x/"})\n', "from the network"),
        ("output", 'package test\nallow if print("allow")\n', "an allow that writes into the answer"),
        ("builtin-error", 'package test\nallow if not to_number("x")\n', "a failing builtin is no `false`"),
        ("unparsable", "package test\nallow if {\n", "an allow from a policy that does not parse"),
        ("recursive", "package test\nallow := data.test.allow\n", "an allow that rests on itself"),
    ):  # fmt: skip
        yield Case(f"policy-{name}", NOT_REPRODUCED, desc, small.gated(module, "allow"))
    deny = small.gated("package test\nallow := true\n", "deny")
    yield Case("policy-denial", NOT_REPRODUCED, "a denial that the policy does not give", deny)
    swap: Json = {"modules": {"test.rego": "package test\nallow := true\n"}, "data": {}}

    def swapped(manifest: Json) -> None:
        swap_material(manifest, "policies", swap)

    yield _lie("policy-swapped-signed", "another policy, sealed; the proofs name the old one", swapped)
    for name, path, value in (
        ("subject", ("subject", "id"), "admin"),
        ("action", ("action", "name"), "write"),
        ("time", ("context", "now"), "2025-01-01T00:00:00Z"),
        ("step", ("context", "step"), "fetch"),
    ):
        desc = f"the question was put with another {name}"
        yield _lie(f"policy-input-{name}", desc, lambda m, p=path, v=value: _asked(m)[p[0]].update({p[1]: v}))
    yield _lie(
        "policy-query",
        "another rule was asked",
        lambda m: _pre(m, "query-entities")["evidence"].update(query="data.test.other"),
    )
    yield _lie(
        "policy-engine", "an engine that is no text", lambda m: _pre(m, "query-entities")["evidence"].update(engine=1)
    )


def _asked(manifest: Json) -> Json:
    return _pre(manifest, "query-entities")["evidence"]["input"]


def _claims() -> Iterator[Case]:
    yield _lie("prover-dropped", "a prover is missing", lambda m: step_of(m, "fetch")["proofs"]["preconditions"].pop())
    yield _lie(
        "prover-added",
        "a prover too many",
        lambda m: step_of(m, "update")["proofs"]["postconditions"].append(scenarios.large()),
    )
    yield _lie(
        "prover-twice",
        "a prover twice",
        lambda m: step_of(m, "update")["proofs"]["postconditions"].append(scenarios.completeness(2)),
    )
    yield _lie(
        "provers-swapped",
        "two provers change places",
        lambda m: step_of(m, "fetch")["proofs"]["preconditions"].reverse(),
    )

    def moved(manifest: Json) -> None:
        proofs = step_of(manifest, "update")["proofs"]
        proofs["preconditions"], proofs["postconditions"] = proofs["postconditions"], []

    yield _lie("prover-moved", "a postcondition recorded as a precondition", moved)
    yield _lie(
        "prover-renamed", "the name of another prover", lambda m: _post(m, "update").update(prover="sla:large>1")
    )


def _outcomes() -> Iterator[Case]:
    yield _lie(
        "outcome-completed",
        "completed though a step is blocked",
        lambda m: m.update(outcome="completed"),
        scenarios.blocked(),
    )
    yield _lie("outcome-failed", "failed though no step is", lambda m: m.update(outcome="failed"))
    yield _lie(
        "done-though-denied",
        "done though a prover denies",
        lambda m: (attestation(m, "update").update(outcome="done"), m.update(outcome="cancelled")),
        scenarios.blocked(),
    )
    yield _lie(
        "blocked-by-nobody",
        "blocked though nothing denies",
        lambda m: (attestation(m, "publish").update(outcome="blocked", outputs={}), m.update(outcome="blocked")),
    )
    yield _lie(
        "failed-with-outputs",
        "failed, with outputs",
        lambda m: (attestation(m, "publish").update(outcome="failed"), m.update(outcome="failed")),
    )
    yield _lie(
        "not-run-with-inputs",
        "not-run, with inputs",
        lambda m: (attestation(m, "count-kinds").update(outcome="not-run", outputs={}), m.update(outcome="cancelled")),
    )
    yield _lie(
        "skipped-with-outputs",
        "skipped, with outputs",
        lambda m: attestation(m, "count-kinds").update(outcome="skipped", inputs={}),
    )
    yield _lie(
        "not-run-though-gated",
        "not-run, with proofs",
        lambda m: (
            attestation(m, "publish").update(outcome="not-run", inputs={}, outputs={}),
            m.update(outcome="cancelled"),
        ),
    )

    def overtaken(manifest: Json) -> None:
        attestation(manifest, "count-kinds").update(outcome="not-run", inputs={}, outputs={})
        manifest["outcome"] = "cancelled"

    yield _lie("done-after-not-run", "done though a dependency never ran", overtaken)
    yield _lie(
        "overridden",
        "an override of nothing",
        lambda m: (attestation(m, "publish").update(outcome="overridden"), m.update(outcome="overridden")),
    )


def _inputs() -> Iterator[Case]:
    yield _lie(
        "inputs-of-dependency",
        "other rows than the step before gave",
        lambda m: attestation(m, "fetch")["inputs"].pop(),
    )
    yield _lie(
        "inputs-by-expression",
        "other rows than the expression gives",
        lambda m: attestation(m, "update").update(inputs=[]),
    )
    yield _lie(
        "inputs-member",
        "another parameter than the execution's",
        lambda m: attestation(m, "summarise")["inputs"].update(limit=11),
    )
    yield _lie("inputs-more", "a member more", lambda m: attestation(m, "summarise")["inputs"].update(extra=1))
    yield _lie(
        "inputs-of-a-root",
        "inputs of a step that depends on nothing",
        lambda m: attestation(m, "query-entities").update(inputs={"x": 1}),
    )
    yield Case(
        "inputs-that-fail",
        NOT_REPRODUCED,
        "done though the expression of its inputs fails",
        _with_inputs("$error('no')", "done"),
    )
    yield Case("inputs-that-fail-told", 0, "the same, told as it was: failed", _with_inputs("$error('no')", "failed"))
    yield Case("inputs-infinite", NOT_REPRODUCED, "done though its inputs are infinite", _with_inputs("1 / 0", "done"))
    yield Case("inputs-by-clock", NOT_REPRODUCED, "inputs that read a clock", _with_inputs("$now()", "done"))


def _with_inputs(expression: str, outcome: str) -> Json:
    definition = small.runbook({}, inputs=expression)
    return seal(draft(definition, [step("only", outcome, {}, {}, [], [])], scenarios.documents()))


def _outputs() -> Iterator[Case]:
    yield _lie(
        "outputs-of-transform",
        "another text than the expression gives",
        lambda m: attestation(m, "summarise")["outputs"]["claims"][0].update(text="3 kinds; Älpha"),
    )
    yield _lie(
        "outputs-of-aggregate", "another sum", lambda m: attestation(m, "count-kinds")["outputs"][0].update(size=3)
    )
    yield _lie(
        "outputs-of-aggregate-order",
        "groups in another order",
        lambda m: attestation(m, "count-kinds")["outputs"].reverse(),
    )
    yield _lie(
        "outputs-of-assertion",
        "another value than the metric measured",
        lambda m: attestation(m, "assert-completeness")["outputs"].update(large=2),
    )
    yield _lie(
        "outputs-of-assertion-less",
        "a measured value left out",
        lambda m: attestation(m, "assert-completeness")["outputs"].pop("large"),
    )
    for name, expression, desc in (
        ("clock", "$millis()", "a clock"),
        (
            "clock-in-disguise",
            '$contains(\'x\', /"/) ? 1 : ($millis() > 0 ? 1 : "")',
            "a clock behind a quote in a regular expression",
        ),
        ("chance", "$shuffle([1, 2, 3])[0] > 0 ? 1 : 1", "dice"),
        ("code", "$eval('1')", "code from data"),
        ("syntax", "1 +", "an expression that does not parse"),
        ("infinite", "1 / 0", "a value that is not finite"),
        ("huge", "9007199254740993", "a value beyond 2^53 - 1"),
    ):
        yield Case(f"transform-{name}", NOT_REPRODUCED, f"outputs from {desc}", _transformed(expression, 1))
    asserted = {"stepId": "only", "type": "assertion", "assert": "1 = 2"}
    yield Case("assertion-untrue", NOT_REPRODUCED, "done though its assertion is not true", _of_kind(asserted, {}))
    rows = {"stepId": "only", "type": "aggregate", "groupBy": "k", "measures": {"n": "$count($)"}}
    yield Case("aggregate-of-no-list", NOT_REPRODUCED, "an aggregate of an object", _of_kind(rows, []))


def _transformed(expression: str, value: Json) -> Json:
    return _of_kind({"stepId": "only", "type": "transform", "expression": expression}, value)


def _of_kind(only: Json, value: Json) -> Json:
    definition = {**small.runbook({}), "steps": [only]}
    return seal(draft(definition, [step("only", "done", {}, value, [], [])], scenarios.documents()))


def _endless() -> Iterator[Case]:
    for name, expression in (
        ("loop", "($f := function($x) { $f($x) }; $f(1))"),
        ("recursion", "($f := function($x) { $f($x) + 1 }; $f(1))"),
        ("memory", '$pad("x", 1000000000000)'),
    ):
        yield Case(f"expression-{name}", NOT_REPRODUCED, "an expression that never ends", _transformed(expression, 1))
    for name, module in (
        ("pattern", "package test\nallow if not regex.match(`^(a+)+$`, `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!`)\n"),
        ("memory", "package test\nallow if count(numbers.range(1, 1000000000)) > 1\n"),
    ):
        yield Case(f"policy-endless-{name}", NOT_REPRODUCED, "a policy that never ends", small.gated(module, "allow"))
