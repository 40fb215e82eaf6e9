"""The table of bad input, with the embedded engine and with a real OPA server: denied or refused, and recorded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pcq_verify import verify
from runbooks.adapters.policy.bundle import write_opa_bundle
from runbooks.adapters.policy.opa_server import OpaPolicies
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.errors import ReviewConflictError, ReviewError
from runbooks.execution import Execution
from runbooks.ports import PolicyEngine

from services.runbooks.tests.example import LICENCE, PROVERS
from services.runbooks.tests.real import opa, require
from services.runbooks.tests.simulator import BUNDLE, GraphSimulator, World, define, rejected, step

Policies = Callable[[Mapping[str, Any]], PolicyEngine]
MEASURE = "RETURN 1 AS a, 2 AS b"
OPA = PROVERS["preconditions"]["authority:write"]


@pytest_asyncio.fixture(params=["embedded", pytest.param("opa", marks=pytest.mark.real)])
async def policies(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Policies]:
    if request.param == "embedded":
        yield EmbeddedRego
        return
    require("OPA", opa.fetch())
    write_opa_bundle(tmp_path / "bundle", BUNDLE)
    process = opa.OpaProcess(tmp_path / "bundle")
    process.start()
    yield OpaPolicies(process.url)
    process.kill()


def world_of(home: Path, policies: Policies, *, row: Any = None, licence: Mapping[str, Any] | None = None) -> World:
    graph = GraphSimulator({MEASURE: [[row or {"a": 1, "b": 2}]]})
    return World(home, graph=graph, policy=policies, licences={"licences": [{**LICENCE, **(licence or {})}]})


def guarded(claim: dict[str, Any], phase: str, expression: str = "1") -> Definition:
    """A step that the policy allows, with one more claim, and an export."""
    provers: dict[str, Any] = {"preconditions": {"may": OPA}, "postconditions": {}}
    provers[phase]["p"] = claim
    names = {"preconditions": ["may"], "postconditions": []}
    names[phase].append("p")
    return define(
        step("source", "transform", dependsOn=[], expression='[{"x": 1}]'),
        step("s", "transform", expression=expression, **names),
        step("export", "export", file="x.json"),
        provers=provers,
    )


def metric(assertion: str) -> Definition:
    return guarded({"type": "metric", "query": MEASURE, "assertion": assertion}, "postconditions")


def cited(citation: str, times: int) -> Definition:
    claims = f'{{"claims": [{{"claimId": "c", "text": "t", "citations": [{", ".join([citation] * times)}]}}]}}'
    return guarded({"type": "citations", "minimum": 2}, "postconditions", claims)


LICENSED = {"type": "license_registry", "check": "api.example.com allows enrichment"}
SOURCE = '{"stepId": "source", "pointer": "/0/x"}'
NOWHERE = '{"stepId": "source", "pointer": "/7/x"}'
# What is wrong: the definition, members of the world, and the reason with which it is denied.
DENIED: dict[str, tuple[Definition, dict[str, Any], str]] = {
    "a value that is not finite": (metric("a / b > 0"), {"row": {"a": 1, "b": 0}}, "metric.not_finite"),
    "a value that is not there": (metric("a / b > 0"), {"row": {"a": None, "b": 1}}, "metric.expression_error"),
    "zero of zero": (metric("a / b >= 0"), {"row": {"a": 0, "b": 0}}, "metric.not_finite"),
    "just below the threshold": (metric("a / b >= 0.95"), {"row": {"a": 94, "b": 99}}, "metric.not_met"),
    "one source cited five times": (cited(SOURCE, 5), {}, "citations.too_few"),
    "a dangling citation": (cited(NOWHERE, 1), {}, "citations.dangling"),
    "a licence that ends at this very second": (
        guarded(LICENSED, "preconditions"),
        {"licence": {"effectiveTo": "2026-03-01T12:00:00.001Z"}},
        "licence.not_active",
    ),
    "a revoked licence": (guarded(LICENSED, "preconditions"), {"revoked": True}, "licence.revoked"),
    "a purpose that nobody knows": (
        guarded({**LICENSED, "purpose": "fun"}, "preconditions"),
        {"purposes": {"enrichment": None}},
        "licence.unknown_purpose",
    ),
    "who may not": (guarded({**OPA, "input": {**OPA["input"]}}, "preconditions"), {"subject": "bob"}, "policy.denied"),
}


def proofs_of(execution: Execution) -> list[str]:
    run = execution.steps["s"]
    return [proof["reason"] for proof in (*run.preconditions, *run.postconditions) if proof["result"] != "pass"]


@pytest.mark.parametrize("case", DENIED)
async def test_bad_input_is_denied_with_its_reason_and_the_record_verifies(
    case: str, policies: Policies, memory_path: Path
) -> None:
    definition, members, reason = DENIED[case]
    world = world_of(memory_path, policies, row=members.get("row"), licence=members.get("licence"))
    if members.get("revoked"):
        world.registry.gone.add("api@1")
    if "purposes" in members:
        world.licences = {**world.licences, "vocabulary": {"purposes": members["purposes"]}}
    runner = world.runner()
    execution = await runner.execute(definition, {}, executed_by=members.get("subject", "ann"))
    assert (execution.outcome, world.exported()) == ("held", [])
    assert set(proofs_of(execution)) == {reason}
    execution = await rejected(runner, execution)
    assert execution.started is not None
    manifest = runner.manifest(execution.started.execution_id).build(record_of_block=True)
    report = verify(dumps(manifest), world.trust())
    assert (report.exit_code, world.exported()) == (0, []), report.reason


async def test_a_value_exactly_on_the_threshold_meets_it(policies: Policies, memory_path: Path) -> None:
    world = world_of(memory_path, policies, row={"a": 19, "b": 20})
    execution = await world.runner().execute(metric("a / b >= 0.95"), {}, executed_by="ann")
    assert (execution.outcome, world.exported()) == ("completed", ["x.json"])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "the requester": ({"approver": "ann"}, "review.requester"),
    "the requester under another spelling": ({"approver": " ＡＮＮ"}, "review.requester"),
    "whom the policy does not name": ({"approver": "eve"}, "review.not_allowed"),
    "a reason of blanks": ({"reason": " \t\u200b"}, "review.reason_missing"),
    "an older version": ({"version": 7}, "review.conflict"),
    "a time that is over": ({"expires_at": "2026-01-01T00:00:00Z"}, "review.expiry"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_bad_decision_is_refused_and_not_forgotten(case: str, policies: Policies, memory_path: Path) -> None:
    members, code = REFUSED[case]
    world = world_of(memory_path, policies)
    runner = world.runner()
    execution = await runner.execute(metric("a > 5"), {}, executed_by="ann")
    review_id = execution.open_reviews()[0].review_id
    said = {"approver": "ben", "reason": "seen", **members}
    with pytest.raises(ReviewError) as refused:
        await runner.decide(review_id, "approved", **said)
    assert refused.value.code == code
    [entry] = world.ports().ledger.entries(kind="DecisionRefused")
    assert json.loads(entry.draft.body)["members"]["code"] == code
    assert (world.exported(), runner.get_status(review_id.rpartition(".r")[0]).outcome) == ([], "held")


async def test_of_two_deciders_the_second_is_told_the_state(policies: Policies, memory_path: Path) -> None:
    world = world_of(memory_path, policies)
    runner = world.runner()
    execution = await runner.execute(metric("a > 5"), {}, executed_by="ann")
    review_id = execution.open_reviews()[0].review_id
    await runner.decide(review_id, "rejected", approver="ben", reason="no", version=1)
    with pytest.raises(ReviewConflictError) as late:
        await runner.decide(review_id, "approved", approver="cat", reason="typed for long", version=1)
    assert (late.value.state, late.value.reason) == ("rejected", "typed for long")


async def test_an_approval_does_not_serve_for_another_parameter(policies: Policies, memory_path: Path) -> None:
    subjects = []
    for number in (1, 2):
        world = world_of(memory_path / str(number), policies)
        definition = metric("a > 5")
        parameters = {"type": "object", "properties": {"n": {}}}
        changed = define(*json.loads(definition.raw)["steps"], provers=definition.provers, parameters=parameters)
        execution = await world.runner().execute(changed, {"n": number}, executed_by="ann")
        subjects.append(execution.open_reviews()[0].requirement.subject)
    assert subjects[0] != subjects[1]
