"""Every kind of prover against its fixtures: claims and facts, each named after what is right or wrong with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from runbooks.provers import COMBINATIONS, PROVERS
from runbooks.schema import claims_schema

from services.runbooks.tests.provers.facts import judge

LEAST = 10
_FOLDER = Path(__file__).parent / "fixtures"
_SPEC = Path(__file__).parents[4] / "spec"
FIXTURES = {
    f"{path.stem}: {fixture['desc']}": fixture
    for path in sorted(_FOLDER.glob("*.json"))
    for fixture in json.loads(path.read_bytes())
}
MEMBERS = {"desc", "claim", "answer", "scope", "outputs", "also", "result", "reason", "evidence"}


@pytest.mark.parametrize("fixture", FIXTURES.values(), ids=FIXTURES)
def test_a_claim_is_judged_as_its_fixture_says(fixture: dict[str, Any]) -> None:
    kind = fixture["claim"]["type"]
    # A combination stands in either phase; its fixtures look at outputs.
    phase = PROVERS[kind].phase if kind in PROVERS else "postconditions"
    answers = {"p": fixture["answer"]} if "answer" in fixture else {}
    facts = dict(fixture.get("scope", {}))
    if "outputs" in fixture:
        facts["outputs"] = fixture["outputs"]
    proof = judge(fixture["claim"], phase, answers, fixture.get("also"), **facts)
    assert (proof["kind"], proof["result"], proof["reason"]) == (kind, fixture["result"], fixture["reason"])
    told = fixture.get("evidence", {})
    assert {name: proof["evidence"][name] for name in told} == told


def test_a_prover_without_fixtures_that_pass_and_fail_is_not_in_the_registry() -> None:
    passing = Counter(item["claim"]["type"] for item in FIXTURES.values() if item["result"] == "pass")
    failing = Counter(item["claim"]["type"] for item in FIXTURES.values() if item["result"] in ("fail", "error"))
    few = {kind: (passing[kind], failing[kind]) for kind in {**PROVERS, **COMBINATIONS}}
    few = {kind: counts for kind, counts in few.items() if min(counts) < LEAST}
    assert few == {}, f"{LEAST} fixtures that pass and {LEAST} that fail belong into {_FOLDER.name}/<kind>.json"


def test_every_reason_of_the_specification_has_a_fixture_and_no_fixture_has_another() -> None:
    told = "".join((_SPEC / name).read_text("utf-8") for name in ("provers.md", "licences.md"))
    seen = {fixture["reason"] for fixture in FIXTURES.values()}
    families = {reason.partition(".")[0] for reason in seen}
    codes = {code for code in re.findall(r"`([a-z_]+\.[a-z_]+)`", told) if code.partition(".")[0] in families}
    assert seen == codes


def test_fixtures_are_of_the_published_shape_and_each_has_a_name_of_its_own() -> None:
    validator = jsonschema_rs.Draft202012Validator(claims_schema())
    for path in sorted(_FOLDER.glob("*.json")):
        fixtures = json.loads(path.read_bytes())
        assert len({fixture["desc"] for fixture in fixtures}) == len(fixtures), path.name
        for fixture in fixtures:
            assert set(fixture) <= MEMBERS, fixture["desc"]
            assert fixture["claim"]["type"] == path.stem
            validator.validate({"p": fixture["claim"], **fixture.get("also", {})})
