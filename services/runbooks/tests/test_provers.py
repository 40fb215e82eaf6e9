"""Authority, licence and everything undefined against their tables in spec/provers.md; laws are in provers/."""

from __future__ import annotations

from typing import Any

import pytest
from runbooks.evidence import Scope, instant
from runbooks.provers import PreconditionProver, denies, prove

NOW = "2026-03-01T12:00:00Z"


def scope(**members: Any) -> Scope:
    found: dict[str, Any] = {
        "executed_by": "ann",
        "logical_time": NOW,
        "purpose": "enrichment",
        "runbook_id": "R1",
        "version": "2.0",
        "step_id": "update",
        "execution_id": "R-0001",
        "policies_digest": "sha256:policies",
        "licences_digest": "sha256:licences",
        "licences": {"licences": []},
        **members,
    }
    return Scope(**found)


def test_a_name_that_nobody_defines_is_an_error_and_denies() -> None:
    proof = prove("kpi:x", "postconditions", None, scope(), None)
    assert proof == {
        "prover": "kpi:x",
        "kind": "undefined",
        "version": 1,
        "result": "error",
        "severity": "block",
        "reason": "prover.undefined",
        "evidence": {},
    }
    assert denies(proof)


@pytest.mark.parametrize("severity", ["block", "warn"])
@pytest.mark.parametrize(
    ("kind", "phase", "reason"),
    [
        ("magic", "preconditions", "prover.unknown_kind"),
        ("opa", "postconditions", "prover.wrong_phase"),
        ("license_registry", "postconditions", "prover.wrong_phase"),
        ("metric", "preconditions", "prover.wrong_phase"),
        ("citations", "preconditions", "prover.wrong_phase"),
    ],
)
def test_an_unknown_kind_and_the_wrong_phase_are_errors(kind: str, phase: str, reason: str, severity: str) -> None:
    proof = prove("x", phase, {"type": kind, "severity": severity}, scope(), None)
    assert (proof["kind"], proof["result"], proof["reason"], proof["evidence"]) == (kind, "error", reason, {})
    assert denies(proof) == (severity == "block")


@pytest.mark.parametrize("result", ["pass", "fail", "error", "skipped"])
@pytest.mark.parametrize("severity", ["block", "warn"])
def test_only_a_blocking_fail_or_error_denies(result: str, severity: str) -> None:
    assert denies({"result": result, "severity": severity}) == (severity == "block" and result in ("fail", "error"))


OPA = {"type": "opa", "policy": "acl.allow", "input": {"action": "write", "resource": "entity", "level": {"n": 2}}}
DECISIONS = [
    ("allow", "pass", "policy.allowed"),
    ("deny", "fail", "policy.denied"),
    ("undefined", "error", "policy.undefined"),
    ("non-boolean", "error", "policy.non_boolean"),
    ("error", "error", "policy.error"),
]


@pytest.mark.parametrize(("decision", "result", "reason"), DECISIONS)
def test_authority_is_what_the_policy_decided(decision: str, result: str, reason: str) -> None:
    proof = PreconditionProver(scope()).check_authority("may", OPA, decision=decision, engine="e 1")
    assert (proof["kind"], proof["result"], proof["reason"], proof["severity"]) == ("opa", result, reason, "block")
    assert proof["evidence"] == {
        "policy": "sha256:policies",
        "query": "data.acl.allow",
        "input": {
            "subject": {"type": "agent", "id": "ann"},
            "action": {"name": "write"},
            "resource": {"type": "entity", "properties": {"level": {"n": 2}}},
            "context": {
                "now": NOW,
                "purpose": "enrichment",
                "runbook": "R1",
                "version": "2.0",
                "step": "update",
            },
        },
        "decision": decision,
        "engine": "e 1",
    }


@pytest.mark.parametrize("answer", [None, {}, {"decision": "yes", "engine": "e"}, {"decision": True}, [], "allow", 1])
def test_an_answer_that_is_no_decision_is_an_error(answer: Any) -> None:
    proof = prove("may", "preconditions", OPA, scope(), answer)
    assert (proof["result"], proof["reason"], proof["evidence"]["decision"]) == ("error", "policy.error", "error")


def licence(number: str = "l", **members: Any) -> dict[str, Any]:
    return {
        "licenceId": number,
        "version": "1",
        "title": "t",
        "resource": "api",
        "permit": ["use"],
        "prohibit": [],
        "effectiveFrom": "2025-01-01T00:00:00Z",
        "effectiveTo": None,
        "status": "active",
        "terms": "t",
        **members,
    }


LICENCES: dict[str, tuple[list[dict[str, Any]], str, str, str, str | None]] = {
    "no registry entry": ([], "api allows use", "fail", "licence.unknown_resource", None),
    "another resource": ([licence(resource="API")], "api allows use", "fail", "licence.unknown_resource", None),
    "permitted": ([licence()], "api allows use", "pass", "licence.permitted", "l@1"),
    "not permitted": ([licence(permit=[])], "api allows use", "fail", "licence.not_permitted", "l@1"),
    "another action": ([licence()], "api allows Use", "fail", "licence.not_permitted", "l@1"),
    "prohibited": ([licence(permit=[], prohibit=["use"])], "api allows use", "fail", "licence.prohibited", "l@1"),
    "permitted and prohibited": ([licence(prohibit=["use"])], "api allows use", "fail", "licence.prohibited", "l@1"),
    "prohibited by another": (
        [licence("a"), licence("b", permit=[], prohibit=["use"])],
        "api allows use",
        "fail",
        "licence.prohibited",
        "b@1",
    ),
    "prohibited by one that ended": (
        [licence("a"), licence("b", prohibit=["use"], effectiveTo="2026-01-01T00:00:00Z")],
        "api allows use",
        "pass",
        "licence.permitted",
        "a@1",
    ),
    "suspended": ([licence(status="suspended")], "api allows use", "fail", "licence.not_active", "l@1"),
    "revoked": ([licence(status="revoked")], "api allows use", "fail", "licence.not_active", "l@1"),
    "not yet": (
        [licence(effectiveFrom="2026-03-01T12:00:00.000001Z")],
        "api allows use",
        "fail",
        "licence.not_active",
        "l@1",
    ),
    "from this instant": ([licence(effectiveFrom=NOW)], "api allows use", "pass", "licence.permitted", "l@1"),
    "from this instant, spelled otherwise": (
        [licence(effectiveFrom="2026-03-01T12:00:00.000Z")],
        "api allows use",
        "pass",
        "licence.permitted",
        "l@1",
    ),
    "to this instant": ([licence(effectiveTo=NOW)], "api allows use", "fail", "licence.not_active", "l@1"),
    "to this instant, spelled otherwise": (
        [licence(effectiveTo="2026-03-01T12:00:00.0Z")],
        "api allows use",
        "fail",
        "licence.not_active",
        "l@1",
    ),
    "to the next microsecond": (
        [licence(effectiveTo="2026-03-01T12:00:00.000001Z")],
        "api allows use",
        "pass",
        "licence.permitted",
        "l@1",
    ),
    "first of several by bytes": (
        [licence("b"), licence("a", version="2"), licence("a", version="10"), licence("Z")],
        "api allows use",
        "pass",
        "licence.permitted",
        "Z@1",
    ),
    "first active one": (
        [licence("a", status="revoked"), licence("c", permit=[]), licence("b", permit=[])],
        "api allows use",
        "fail",
        "licence.not_permitted",
        "b@1",
    ),
    "first inactive one": (
        [licence("b", status="revoked"), licence("a", status="suspended")],
        "api allows use",
        "fail",
        "licence.not_active",
        "a@1",
    ),
}


@pytest.mark.parametrize(("licences", "check", "result", "reason", "named"), LICENCES.values(), ids=LICENCES)
def test_a_licence_in_force_must_permit_and_none_prohibit(
    licences: list[dict[str, Any]], check: str, result: str, reason: str, named: str | None
) -> None:
    judge = PreconditionProver(scope(licences={"licences": licences}))
    proof = judge.check_license("license:x", {"check": check}, revoked=[])
    assert (proof["kind"], proof["result"], proof["reason"]) == ("license_registry", result, reason)
    resource, _, action = check.partition(" allows ")
    evidence = dict(proof["evidence"])
    assert (evidence.pop("rule") is not None) == (reason in ("licence.permitted", "licence.prohibited"))
    assert evidence == {
        "registry": "sha256:licences",
        "resource": resource,
        "action": action,
        "now": NOW,
        "purpose": evidence["purpose"],
        "facts": {},
        "revoked": [],
        "licence": named,
        "duties": [],
    }


@pytest.mark.parametrize(
    "check",
    [
        "api",
        "api allows",
        " allows use",
        "api permits use",
        "my api allows use",
        "api allows use it",
        "api  allows use",
        "api allows use\n",
        "a allows b allows c",
    ],
)
def test_a_check_of_another_form_is_an_error(check: str) -> None:
    proof = PreconditionProver(scope(licences={"licences": [licence()]})).check_license(
        "x", {"check": check}, revoked=[]
    )
    assert (proof["result"], proof["reason"]) == ("error", "licence.malformed_check")
    assert (proof["evidence"]["resource"], proof["evidence"]["action"], proof["evidence"]["licence"]) == (
        None,
        None,
        None,
    )


def test_times_are_compared_as_instants() -> None:
    assert instant("2026-03-01T12:00:00.5Z") == instant("2026-03-01T12:00:00.500000Z")
    assert instant("2026-03-01T12:00:00Z") < instant("2026-03-01T12:00:00.000001Z")
