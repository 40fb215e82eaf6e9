"""Executions that wait for people, and what verifies of them afterwards."""

from __future__ import annotations

from typing import Any

from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.execution import Execution
from runbooks.reviews import Review
from runbooks.runner import RunbookRunner

from services.runbooks.tests.example import example
from services.runbooks.tests.simulator import World

WHY = "seen and judged sound"


async def held(world: World, definition: Definition | None = None, **members: Any) -> tuple[RunbookRunner, Execution]:
    """An execution that waits for people."""
    runner = world.runner()
    found = {"executed_by": "ann", **members}
    return runner, await runner.execute(definition or example(), {}, **found)


def the_review(execution: Execution) -> Review:
    [review] = execution.open_reviews()
    return review


def verified(world: World, execution: Execution, *, code: int = 0) -> dict[str, Any]:
    """The manifest, after the verifier had its say."""
    assert execution.started is not None
    builder = world.runner().manifest(execution.started.execution_id)
    manifest = builder.build(record_of_block=execution.outcome == "blocked")
    report = verify(dumps(manifest), world.trust())
    assert report.exit_code == code, report.reason
    return {**manifest, "ending": report.ending}


def decisions(manifest: dict[str, Any]) -> list[str]:
    return [item["statement"]["decision"] for item in manifest["approvals"]]


async def replays(world: World, execution: Execution) -> bool:
    assert execution.started is not None
    return (await world.runner().replay(execution.started.execution_id)).is_identical
