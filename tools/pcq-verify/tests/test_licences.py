"""Licences: every case of the table, and what no change of a registry may ever do."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pcq_verify.licence_registry import check_licences, read_registry
from pcq_verify.licences import Decision, Use, decide, decide_derived
from pcq_verify.shapes import ShapeError

Json = Any

CASES: list[Json] = json.loads((Path(__file__).resolve().parents[3] / "spec/vectors/licences.json").read_bytes())


def decision_of(case: Json) -> Decision:
    check_licences(case["registry"])
    registry, claim, facts = read_registry(case["registry"]), case["claim"], case["facts"]
    purpose = claim.get("purpose", facts["purpose"])

    def use(action: str) -> Use:
        return Use(action, facts["now"], facts["user"], purpose, claim.get("facts", {}))

    if claim["type"] == "license_derived":
        return decide_derived(registry, facts["sources"], use(claim["action"]), facts["revoked"])
    words = re.fullmatch(r"(\S+) allows (\S+)", claim["check"])
    if words is None:
        return Decision("error", "licence.malformed_check")
    return decide(registry, words[1], use(words[2]), facts["revoked"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_case_is_decided_as_the_table_says(case: Json) -> None:
    decision = decision_of(case)
    told = {name: getattr(decision, name) for name in ("result", "reason", "licence", "rule", "duties")}
    assert told == case["expect"]


def test_the_table_has_every_reason_and_every_operator() -> None:
    reasons = {case["expect"]["reason"] for case in CASES}
    assert reasons == {
        f"licence.{name}"
        for name in (
            "malformed_check", "unknown_action", "unknown_purpose", "unknown_resource", "not_active", "not_assigned",
            "prohibited", "permitted", "not_permitted", "no_source", "source_denies", "sources_permit", "revoked",
            "registry_unavailable",
        )
    }  # fmt: skip
    assert len(CASES) >= 60


WORDS = st.sampled_from(["use", "read", "publish", "sell"])
FACTS = st.fixed_dictionaries({}, optional={"count": st.integers(0, 3), "spatial": st.sampled_from(["a", "b"])})
CONSTRAINTS = st.fixed_dictionaries(
    {
        "left": st.sampled_from(["count", "spatial", "purpose", "dateTime", "elapsedTime", "weather"]),
        "op": st.sampled_from(["eq", "neq", "lt", "lteq", "gt", "gteq", "isAnyOf", "isNoneOf", "isPartOf", "within"]),
        "right": st.sampled_from([0, 1, 2, "a", "b", "read", [0, "a"], [], None, "2026-02-03T04:05:06Z"]),
    }
)
RULES = st.fixed_dictionaries(
    {"kind": st.sampled_from(["permission", "permission", "prohibition", "obligation"]), "action": WORDS},
    optional={"constraints": st.lists(CONSTRAINTS, max_size=2), "duties": st.just([{"action": "cite"}])},
)
VOCABULARIES = st.fixed_dictionaries(
    {}, optional={name: st.dictionaries(WORDS, st.none() | WORDS) for name in ("actions", "purposes", "places")}
)


@st.composite
def questions(draw: st.DrawFn) -> Json:
    """A registry of one to three licences of one resource, and a use of it; derived data of all of them, or not."""
    licences = []
    for name in ("a", "b", "c")[: draw(st.integers(1, 3))]:
        rules = [{**item, "ruleId": str(index)} for index, item in enumerate(draw(st.lists(RULES, max_size=3)))]
        licences.append(
            {
                "licenceId": name, "version": "1", "title": "", "resource": "data", "terms": "", "rules": rules,
                "effectiveFrom": "2026-02-03T04:05:04Z", "effectiveTo": None,
                "status": draw(st.sampled_from(["active", "active", "revoked"])),
            }
        )  # fmt: skip
        if draw(st.booleans()):
            licences[-1]["assignees"] = draw(st.sampled_from([["agent-456"], ["agent-1"]]))
    action, stated = draw(WORDS), draw(FACTS)
    claim = {"type": "license_registry", "check": f"data allows {action}"}
    if draw(st.booleans()):
        claim = {"type": "license_derived", "action": action}
    facts = {"now": "2026-02-03T04:05:06Z", "user": "agent-456", "purpose": draw(st.none() | WORDS)}
    facts["sources"] = [f"{item['licenceId']}@1" for item in licences]
    facts["revoked"] = draw(st.none() | st.lists(st.sampled_from(facts["sources"]), unique=True))
    registry = {"licences": licences, "vocabulary": draw(VOCABULARIES)}
    return {"registry": registry, "claim": {**claim, "facts": stated}, "facts": facts}


@settings(max_examples=500, deadline=None)
@given(questions(), RULES, st.data())
def test_a_prohibition_more_never_turns_a_denial_into_a_pass(question: Json, added: Json, data: st.DataObject) -> None:
    stricter = copy.deepcopy(question)
    rules = data.draw(st.sampled_from(stricter["registry"]["licences"]))["rules"]
    place = data.draw(st.integers(0, len(rules)))
    rules.insert(place, {**added, "kind": "prohibition", "ruleId": "added"})
    assert decision_of(question).result == "pass" or decision_of(stricter).result != "pass"


@settings(max_examples=500, deadline=None)
@given(questions(), CONSTRAINTS, st.data())
def test_a_constraint_more_never_turns_a_denial_into_a_pass(question: Json, added: Json, data: st.DataObject) -> None:
    stricter = copy.deepcopy(question)
    permissions = [
        rule
        for licence in stricter["registry"]["licences"]
        for rule in licence["rules"]
        if rule["kind"] == "permission"
    ]
    for rule in permissions[: data.draw(st.integers(0, len(permissions)))]:
        rule["constraints"] = [*rule.get("constraints", []), added]
    assert decision_of(question).result == "pass" or decision_of(stricter).result != "pass"


@settings(max_examples=500, deadline=None)
@given(questions(), st.data())
def test_a_revocation_more_or_no_answer_never_turns_a_denial_into_a_pass(question: Json, data: st.DataObject) -> None:
    stricter = copy.deepcopy(question)
    revoked, known = question["facts"]["revoked"], question["facts"]["sources"]
    more = st.none() if revoked is None else st.none() | st.lists(st.sampled_from(known)).map(lambda new: revoked + new)
    stricter["facts"]["revoked"] = data.draw(more)
    before, after = decision_of(question), decision_of(stricter)
    assert before.result == "pass" or after.result != "pass"
    if before.result == "pass":
        assert after.reason in (before.reason, "licence.revoked", "licence.registry_unavailable")


@settings(max_examples=500, deadline=None)
@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_licences_changes_nothing(question: Json, dice: Any) -> None:
    shuffled = copy.deepcopy(question)
    dice.shuffle(shuffled["registry"]["licences"])
    assert decision_of(shuffled) == decision_of(question)


GOOD: Json = CASES[0]["registry"]["licences"][0]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"assignee": ["agent-1"]}, "assignee"),
        ({"status": "paused"}, "status"),
        ({"permit": ["use"], "prohibit": []}, "permit"),
        ({"effectiveTo": "tomorrow"}, "effectiveTo"),
        ({"rules": [{"ruleId": "1", "kind": "permission", "action": "use", "constraint": []}]}, "constraint"),
        ({"rules": [{"ruleId": "1", "kind": "duty", "action": "use"}]}, "kind"),
        ({"rules": [{"ruleId": "1", "kind": "permission", "action": "use"}] * 2}, "ruleId occurs twice"),
        (
            {"rules": [{"ruleId": "1", "kind": "permission", "action": "use", "constraints": [{"left": "count"}]}]},
            "is missing",
        ),
    ],
)
def test_a_registry_of_another_shape_is_refused(change: Json, where: str) -> None:
    check_licences({"licences": [GOOD]})
    with pytest.raises(ShapeError) as caught:
        check_licences({"licences": [{**GOOD, **change}]})
    assert where in f"{caught.value.where}: {caught.value.message}"


def test_two_licences_of_one_name_are_refused() -> None:
    with pytest.raises(ShapeError, match="occurs twice"):
        check_licences({"licences": [GOOD, {**GOOD, "resource": "other"}]})
