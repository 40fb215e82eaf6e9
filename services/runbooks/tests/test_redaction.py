"""A manifest that shows no payload: the other program verifies what is left, and nothing of a value is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.redaction import redact

from services.runbooks.tests.deciding import WHY, held, the_review, verified
from services.runbooks.tests.example import example, example_world
from services.runbooks.tests.simulator import World, define, step

SECRET = "a value that nobody may read"
PAYLOADS = {
    "fields": "{'name': '" + SECRET + "', 'more': [1, 2]}",
    "one": "'" + SECRET + "'",
    "empty": "{}",
    "nothing": "null",
    "large": "{'text': $pad('" + SECRET + "', 100000), 'name': 1}",
    "large text": "$pad('" + SECRET + "', 100000)",
    "like a marker": "{'$digest': '" + SECRET + "'}",
    "a field like a marker": "{'a': {'$redacted': '" + SECRET + "'}}",
    "a dollar": "{'$x': '" + SECRET + "'}",
}


def verdicts(manifest: dict[str, Any]) -> list[Any]:
    """What a proof says, without its evidence."""
    proofs = [proof for step in manifest["steps"] for phase in step["proofs"].values() for proof in phase]
    return [{name: value for name, value in proof.items() if name != "evidence"} for proof in proofs]


def require_verifiable(world: World, shown: dict[str, Any]) -> None:
    data = dumps(shown)
    for profile in ("integrity", "disclosure"):
        report = verify(data, world.trust(), profile=profile)
        assert report.exit_code == 0, (profile, report.reason)
    assert verify(data, world.trust()).exit_code == 5, "a full verification has to say that it cannot be one"


@pytest.mark.parametrize("expression", PAYLOADS.values(), ids=PAYLOADS.keys())
async def test_no_value_is_left_and_the_rest_verifies(expression: str, world: World) -> None:
    # The parameter and the second step, so that inputs are there too; the text is in no definition.
    secret = expression.replace(f"'{SECRET}'", "parameters.secret")
    definition = define(
        step("a", "transform", dependsOn=[], inputs="$", expression=secret),
        step("b", "transform", dependsOn=["a"], expression="steps.a"),
        parameters={"type": "object", "properties": {"secret": {"type": "string"}}},
    )
    execution = await world.runner().execute(definition, {"secret": SECRET}, executed_by="ann")
    assert execution.outcome == "completed"
    manifest = verified(world, execution)
    shown = redact(manifest)
    del shown["ending"]
    assert SECRET in dumps(manifest).decode()
    assert SECRET not in dumps(shown).decode()
    assert redact(shown) == shown
    require_verifiable(world, shown)


async def test_what_people_decided_stays_and_the_evidence_goes(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    for _ in range(2):
        execution = await runner.decide(the_review(execution).review_id, "approved", approver="ben", reason=WHY)
    manifest = verified(world, execution)
    shown = redact(manifest)
    del shown["ending"]
    assert shown["approvals"] == manifest["approvals"]
    assert verdicts(shown) == verdicts(manifest) != []
    evidence = [proof["evidence"] for step in shown["steps"] for phase in step["proofs"].values() for proof in phase]
    assert all(item.keys() == {"$redacted"} for item in evidence)
    assert set(shown["materials"]) == {
        manifest["context"][name] for name in ("runbookDigest", "provers", "policies", "licences")
    }
    require_verifiable(world, shown)


async def test_a_record_of_a_block_verifies_too(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world, example())
    execution = await runner.decide(the_review(execution).review_id, "rejected", approver="ben", reason="not so")
    manifest = verified(world, execution)
    shown = redact(manifest)
    del shown["ending"]
    assert shown["outcome"] == "blocked"
    require_verifiable(world, shown)


async def test_a_bit_that_was_changed_before_redaction_is_noticed_after_it(world: World) -> None:
    definition = define(step("a", "transform", dependsOn=[], expression="{'n': 1}"))
    manifest = verified(world, await world.runner().execute(definition, {}, executed_by="ann"))
    del manifest["ending"]
    manifest["steps"][0]["attestation"]["outputs"]["n"] = 2
    report = verify(dumps(redact(manifest)), world.trust(), profile="integrity")
    assert report.exit_code == 1
