"""Which step began a difference, and which ones only follow."""

from __future__ import annotations

from typing import Any

import pytest
from runbooks.differences import differences

ABOVE = {"a": set(), "b": {"a"}, "c": {"a", "b"}, "d": set()}


def core(step_id: str, **members: Any) -> dict[str, Any]:
    shared = {"context": "x", "dependsOn": [], "previousAttestationHash": None, "outcome": "done"}
    return {"stepId": step_id, "inputs": "i", "outputs": "o", "proofs": "p", **shared, **members}


RECORDED = [core(name) for name in ABOVE]


def found(**changed: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    again = [core(name, **changed.get(name, {})) for name in ABOVE]
    return {item.step_id: (item.mark, item.role) for item in differences(RECORDED, again, ABOVE)}


EQUAL, LINKED = ("equal", None), ("linked", "follows")
CAUSE, FOLLOWS = ("different", "cause"), ("different", "follows")


def test_the_same_statements_are_equal() -> None:
    assert found() == dict.fromkeys(ABOVE, EQUAL)


def test_a_step_that_only_names_another_one_before_it_has_nothing_different_of_its_own() -> None:
    links = {"previousAttestationHash": "y", "dependsOn": ["z"]}
    assert found(a={"outputs": "n"}, d=links) == {"a": CAUSE, "b": EQUAL, "c": EQUAL, "d": LINKED}


def test_other_inputs_follow_from_other_outputs_above_however_far() -> None:
    again = found(a={"outputs": "n"}, b={"previousAttestationHash": "y"}, c={"inputs": "n", "outputs": "n"})
    assert again == {"a": CAUSE, "b": LINKED, "c": FOLLOWS, "d": EQUAL}


@pytest.mark.parametrize("member", ["outputs", "proofs", "outcome"])
def test_a_step_with_equal_inputs_is_a_cause_also_behind_another_one(member: str) -> None:
    assert found(a={"outputs": "n"}, b={member: "n"})["b"] == CAUSE


def test_other_inputs_that_nothing_above_explains_are_a_cause() -> None:
    assert found(d={"outputs": "n"}, b={"inputs": "n"})["b"] == CAUSE
    assert found(a={"proofs": "n"}, b={"inputs": "n"})["b"] == CAUSE


def test_the_members_that_differ_are_named() -> None:
    [only] = differences([core("a")], [core("a", outputs="n", dependsOn=["z"])], ABOVE)
    assert only.members == ["dependsOn", "outputs"]
