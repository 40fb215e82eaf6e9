"""Licences as spec/licences.md has them: default deny, prohibition wins, what is unknown denies."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.evidence import Scope
from runbooks.licensing import Use, decide
from runbooks.provers import PROVERS, PreconditionProver

NOW = "2026-06-01T12:00:00Z"


def licence(name: str, *rules: dict[str, Any], **members: Any) -> dict[str, Any]:
    named = [{"ruleId": f"r{number}", **rule} for number, rule in enumerate(rules)]
    whole: dict[str, Any] = {
        "licenceId": name,
        "version": "1",
        "title": name,
        "resource": "data",
        "effectiveFrom": "2026-01-01T00:00:00Z",
        "effectiveTo": None,
        "status": "active",
        "terms": "",
        "rules": named,
    }
    return {**whole, **members}


def permission(action: str = "use", *constraints: tuple[str, str, Any], **members: Any) -> dict[str, Any]:
    return {"kind": "permission", "action": action, "constraints": _constraints(constraints), **members}


def prohibition(action: str = "use", *constraints: tuple[str, str, Any]) -> dict[str, Any]:
    return {"kind": "prohibition", "action": action, "constraints": _constraints(constraints)}


def _constraints(items: tuple[tuple[str, str, Any], ...]) -> list[dict[str, Any]]:
    return [{"left": left, "op": operator, "right": right} for left, operator, right in items]


def scope(licences: list[dict[str, Any]], vocabulary: dict[str, Any] | None = None, **members: Any) -> Scope:
    registry = {"licences": licences, **({"vocabulary": vocabulary} if vocabulary else {})}
    facts: dict[str, Any] = {
        "executed_by": "ann",
        "logical_time": NOW,
        "purpose": None,
        "runbook_id": "R",
        "version": "1",
        "step_id": "s",
        "execution_id": "R-0001",
        "policies_digest": "sha256:policies",
        "licences_digest": "sha256:licences",
        "licences": registry,
    }
    return Scope(**{**facts, **members})


def test_duties_of_the_permitting_rule_and_of_obligations_are_recorded() -> None:
    owed = [{"action": "attribute"}, {"action": "delete", "seconds": 60}]
    inform = {"kind": "obligation", "action": "inform"}
    never = {"kind": "obligation", "action": "pay", "constraints": _constraints((("user", "eq", "bob"),))}
    judge = PreconditionProver(scope([licence("a", permission(duties=owed), inform, never)]))
    proof = judge.check_license("l", {"check": "data allows use"}, revoked=[])
    assert (proof["result"], proof["evidence"]["rule"]) == ("pass", "r0")
    assert proof["evidence"]["duties"] == [
        {"rule": "r0", "action": "attribute", "seconds": None},
        {"rule": "r0", "action": "delete", "seconds": 60},
        {"rule": "r1", "action": "inform", "seconds": None},
    ]


def test_a_claims_purpose_goes_before_the_executions() -> None:
    terms = {"purposes": {"research": None, "medicine": "research", "sale": None}}
    only_research = licence("a", permission("use", ("purpose", "isPartOf", "research")))
    judge = PreconditionProver(scope([only_research], terms, purpose="sale"))
    assert judge.check_license("l", {"check": "data allows use"}, revoked=[])["reason"] == "licence.not_permitted"
    mended = judge.check_license("l", {"check": "data allows use", "purpose": "medicine"}, revoked=[])
    assert (mended["reason"], mended["evidence"]["purpose"]) == ("licence.permitted", "medicine")
    unknown = judge.check_license("l", {"check": "data allows use", "purpose": "fun"}, revoked=[])
    assert unknown["reason"] == "licence.unknown_purpose"


def _passed(name: str) -> dict[str, Any]:
    return {"kind": "license_registry", "result": "pass", "evidence": {"licence": name}}


def _failed(name: str | None) -> dict[str, Any]:
    return {"kind": "license_registry", "result": "fail", "evidence": {"licence": name}}


def _either(result: str, *proofs: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any", "result": result, "evidence": {"proofs": list(proofs)}}


@pytest.mark.parametrize(
    ("proofs", "reason", "denying"),
    [
        ({}, "licence.no_source", None),
        ({"q": [_passed("a@1")]}, "licence.sources_permit", None),
        ({"q": [_passed("a@1")], "f": [_passed("b@1")]}, "licence.source_denies", "b@1"),
        (
            {"q": [_passed("a@1")], "f": [_either("pass", _passed("b@1"))]},
            "licence.source_denies",
            "b@1",
        ),
        ({"q": [_passed("a@1")], "f": [_passed("c@1")]}, "licence.source_denies", "c@1"),
        ({"q": [_failed("b@1")]}, "licence.source_denies", "b@1"),
        ({"q": [_failed("a@1")]}, "licence.sources_permit", None),
        ({"q": [_passed("a@1"), _failed(None)]}, "licence.source_denies", None),
        ({"q": [_either("pass", _failed("b@1"), _passed("a@1"))]}, "licence.sources_permit", None),
        ({"q": [_either("pass", _either("fail", _failed("b@1")), _passed("a@1"))]}, "licence.sources_permit", None),
        ({"q": [_either("fail", _failed("b@1"), _failed("a@1"))]}, "licence.source_denies", "b@1"),
    ],
    ids=[
        "none",
        "one permits",
        "one forbids",
        "inside a combination",
        "one says nothing",
        "a lifted denial is a source",
        "a lifted denial may permit what was not asked",
        "data without a licence",
        "an alternative that was not taken",
        "an alternative deeper down",
        "alternatives none of which was there",
    ],
)
def test_what_is_made_of_licensed_data_is_bound_by_all_its_licences(
    proofs: dict[str, Any], reason: str, denying: str | None
) -> None:
    licences = [
        licence("a", permission("publish", duties=[{"action": "attribute"}])),
        licence("b", permission("publish"), prohibition("publish")),
        licence("c", permission("use")),
    ]
    judge = PreconditionProver(scope(licences, ancestor_proofs=proofs))
    proof = judge.judge("l", {"type": "license_derived", "action": "publish"}, {"revoked": []})
    assert (proof["reason"], proof["evidence"]["licence"]) == (reason, denying)
    if reason == "licence.sources_permit":
        assert proof["evidence"]["duties"] == [{"licence": "a@1", "rule": "r0", "action": "attribute", "seconds": None}]


terms = st.sampled_from(["use", "publish", "read", "research", "sale", "ch", "eu"])
constraints = st.lists(
    st.fixed_dictionaries(
        {
            "left": st.sampled_from(["purpose", "spatial", "user", "count", "dateTime", "elapsedTime", "nonsense"]),
            "op": st.sampled_from(["eq", "neq", "lt", "gteq", "isAnyOf", "isNoneOf", "isPartOf"]),
            "right": st.one_of(terms, st.integers(0, 9), st.lists(terms, max_size=3), st.just(NOW)),
        }
    ),
    max_size=2,
)
rules = st.lists(
    st.builds(
        lambda kind, action, limits: {"kind": kind, "action": action, "constraints": limits},
        st.sampled_from(["permission", "prohibition", "obligation"]),
        terms,
        constraints,
    ),
    max_size=4,
)
licences = st.lists(rules, max_size=3).map(
    lambda many: [licence(f"l{number}", *some) for number, some in enumerate(many)]
)
vocabularies = st.one_of(
    st.just({}),
    st.just({"places": {"ch": "eu", "eu": None}}),
    st.just({"actions": {"publish": "use", "use": None, "read": "use"}, "purposes": {"research": None, "sale": None}}),
)
uses = st.builds(
    lambda action, purpose, facts: Use(action, "ann", NOW, purpose, facts),
    st.sampled_from(["use", "publish", "read"]),
    st.sampled_from([None, "research", "sale"]),
    st.fixed_dictionaries({}, optional={"spatial": terms, "count": st.integers(0, 9)}),
)


@settings(deadline=None, max_examples=300)
@given(licences, vocabularies, uses, terms, constraints)
def test_adding_a_prohibition_never_turns_a_denial_into_a_pass(
    found: list[dict[str, Any]], vocabulary: dict[str, Any], use: Use, action: str, limits: list[dict[str, Any]]
) -> None:
    before = decide({"licences": found, "vocabulary": vocabulary}, "data", use, ())
    more = copy.deepcopy(found)
    for item in more:
        item["rules"].append({"ruleId": "more", "kind": "prohibition", "action": action, "constraints": limits})
    after = decide({"licences": more, "vocabulary": vocabulary}, "data", use, ())
    assert (before.result, after.result) != ("fail", "pass")


@settings(deadline=None, max_examples=300)
@given(licences, vocabularies, uses, constraints)
def test_a_further_constraint_on_permissions_never_turns_a_denial_into_a_pass(
    found: list[dict[str, Any]], vocabulary: dict[str, Any], use: Use, limits: list[dict[str, Any]]
) -> None:
    before = decide({"licences": found, "vocabulary": vocabulary}, "data", use, ())
    more = copy.deepcopy(found)
    for rule in (rule for item in more for rule in item["rules"] if rule["kind"] == "permission"):
        rule["constraints"] += limits
    after = decide({"licences": more, "vocabulary": vocabulary}, "data", use, ())
    assert (before.result, after.result) != ("fail", "pass")


@settings(deadline=None, max_examples=300)
@given(licences, vocabularies, uses, st.sets(st.sampled_from(["l0@1", "l1@1", "l2@1"])), st.data())
def test_a_revocation_takes_permissions_away_and_nothing_else(
    found: list[dict[str, Any]], vocabulary: dict[str, Any], use: Use, gone: set[str], data: st.DataObject
) -> None:
    registry = {"licences": found, "vocabulary": vocabulary}
    fewer = data.draw(st.sets(st.sampled_from(sorted(gone)))) if gone else set()
    none, before, after = (decide(registry, "data", use, revoked) for revoked in ((), fewer, gone))
    silent = decide(registry, "data", use, None)
    assert before.result == "pass" or after.result != "pass"
    assert silent.reason == ("licence.registry_unavailable" if none.result == "pass" else none.reason)
    if none.result != "pass":
        assert before == after == none
    else:
        assert {before.reason, after.reason} <= {"licence.permitted", "licence.revoked"}


@pytest.mark.parametrize(
    ("answer", "recorded"),
    [
        ({"revoked": ["b@1", "a@1", "a@1"]}, ["a@1", "b@1"]),
        ({"revoked": []}, []),
        ({"revoked": None}, None),
        ({"revoked": ["z@1"]}, None),
        ({"revoked": [["a@1"]]}, None),
        ({"revoked": "a@1"}, None),
        ({"status": "fine"}, None),
        (None, None),
        (["a@1"], None),
    ],
    ids=["two", "none", "null", "another's", "no name", "text", "no member", "nothing", "a list"],
)
def test_only_a_plain_answer_about_the_licences_asked_about_is_one(answer: Any, recorded: list[str] | None) -> None:
    judge = PreconditionProver(scope([licence("b", permission()), licence("a", permission()), licence("c")]))
    proof = judge.judge("l", {"type": "license_registry", "check": "data allows use"}, answer)
    assert proof["evidence"]["revoked"] == recorded
    reasons = {None: "licence.registry_unavailable", 0: "licence.permitted", 2: "licence.revoked"}
    assert proof["reason"] == reasons[None if recorded is None else len(recorded)]


def test_the_registry_is_asked_about_all_licences_of_the_resource_or_of_the_sources_and_no_other() -> None:
    known = [licence("b", status="draft"), licence("a"), licence("c", resource="other")]
    found = scope(known, ancestor_proofs={"q": [_passed("c@1"), _passed("gone@1")], "r": [_passed("a@1")]})
    asked = PROVERS["license_registry"].licences
    assert list(asked({"check": "data allows use"}, found)) == ["a@1", "b@1"]
    assert list(asked({"check": "data permits use"}, found)) == []
    assert list(PROVERS["license_derived"].licences({}, found)) == ["a@1", "c@1"]


TABLE = json.loads((Path(__file__).parents[3] / "spec" / "vectors" / "licences.json").read_bytes())


@pytest.mark.parametrize("case", TABLE, ids=[case["name"] for case in TABLE])
def test_the_shared_table_is_decided_as_it_says(case: dict[str, Any]) -> None:
    facts = case["facts"]
    sources = {"q": [_passed(name) for name in facts.get("sources", ())]}
    judge = PreconditionProver(
        replace(
            scope([]),
            licences=case["registry"],
            executed_by=facts["user"],
            logical_time=facts["now"],
            purpose=facts["purpose"],
            ancestor_proofs=sources,
        )
    )
    proof = judge.judge("l", case["claim"], {"revoked": facts["revoked"]})
    found = {"result": proof["result"], "reason": proof["reason"], **proof["evidence"]}
    assert {name: found.get(name) for name in case["expect"]} == case["expect"]
