"""`external_api` steps of whole executions against a real server: what a bad answer does, and what it leaves undone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.adapters.http_api import MappedHttpApi, read_endpoints
from runbooks.canonical import dumps
from runbooks.execution import Execution

from services.runbooks.tests.api_server import ORIGIN, Answer, http, serving
from services.runbooks.tests.simulator import GraphSimulator, World, define, step
from services.runbooks.tests.test_http_answers import drip, reset, truncated
from services.runbooks.tests.test_json_schema import endless

WRITE = "MERGE (e {id: $id}) SET e.title = $title"
ROWS = {
    "type": "array",
    "items": {"type": "object", "required": ["id", "title"], "properties": {"title": {"type": "string"}}},
}


async def run(folder: Path, answer: bytes | Answer, **members: Any) -> tuple[Execution, list[str], World]:
    """One execution: ask, then write and export; with the idempotency keys that the server was given."""
    world = World(folder, graph=GraphSimulator({WRITE: [None]}))
    ask = step("ask", "external_api", endpoint=f"{ORIGIN}/x", inputs="{'n': 1}", **members)
    write = step("write", "mutation", cypher=WRITE, dependsOn=["ask"])
    async with serving(answer) as server:
        world.api = MappedHttpApi(  # type: ignore[assignment]
            read_endpoints({ORIGIN: {"base": server.url, "private": True}})
        )
        definition = define(ask, write, step("out", "export", file="x.json", dependsOn=["ask"]))
        execution = await world.runner().execute(definition, {}, executed_by="ann")
        await world.api.close()
    return execution, [headers["idempotency-key"] for _, headers, _ in server.requests], world


def errors(execution: Execution) -> list[str | None]:
    return [item["error"] and item["error"]["code"] for item in execution.steps["ask"].attempts]


def proved(world: World, execution: Execution) -> None:
    assert execution.started is not None
    manifest = world.runner().manifest(execution.started.execution_id).build()
    report = verify(dumps(manifest), world.trust())
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("answer", "codes", "members"),
    [
        (http(404), ["api.http_404"], {}),
        (http(500), ["api.http_500"] * 3, {}),
        (http(200, b"<html>", "Content-Type: text/html"), ["api.content_type"], {}),
        (http(200, b'[{"id": "a", "id": "b"}]'), ["api.not_json"], {}),
        (http(200, b'"\xff"'), ["api.not_json"], {}),
        (http(200, b"{}", "Content-Encoding: gzip"), ["api.encoded"], {}),
        (http(200, b"[1, 2, 3, 4]"), ["api.too_large"], {"maxBytes": 11}),
        (http(302, b"", "Location: http://10.0.0.1/"), ["api.redirect"], {}),
        (http(200, b'{"a": 1}'), ["api.schema"], {"responseSchema": ROWS}),
        (http(204, b""), ["api.schema"], {"responseSchema": ROWS}),
        (http(200, b"1"), ["api.schema"], {"responseSchema": endless()}),
        (truncated, ["api.broken"] * 3, {}),
        (reset, ["api.broken"] * 3, {}),
        (drip, ["api.timeout"] * 2, {"timeout": 0.2, "retry": {"maxAttempts": 2}}),
    ],
    ids=[
        *("404", "500", "html", "twice", "utf-8", "gzip", "large", "redirect", "schema", "empty", "endless schema"),
        *("cut", "reset", "drip"),
    ],
)
async def test_a_bad_answer_fails_its_step_and_nothing_is_written(
    memory_path: Path, answer: bytes | Answer, codes: list[str], members: dict[str, Any]
) -> None:
    execution, keys, world = await run(memory_path, answer, **members)
    found = [code.replace("step.timeout", "api.timeout") if code else code for code in errors(execution)]
    assert found == codes
    assert {name: item.outcome for name, item in execution.steps.items()} == {
        "ask": "failed",
        "write": "not-run",
        "out": "not-run",
    }
    assert execution.steps["ask"].outputs == {}
    assert (world.exported(), world.graph.written) == ([], [])
    assert len(keys) == len(codes), "each attempt is one request"
    assert len(set(keys)) == 1, "under one key"
    assert world.clock.slept == [2.0, 4.0][: len(codes) - 1]
    proved(world, execution)


async def test_an_answer_that_fits_its_schema_is_recorded_and_proved(memory_path: Path) -> None:
    execution, _, world = await run(memory_path, http(200, b'[{"id": "a", "title": "A"}]'), responseSchema=ROWS)
    assert errors(execution) == [None]
    assert execution.steps["ask"].outputs == [{"id": "a", "title": "A"}]
    assert world.graph.written == [{"id": "a", "title": "A"}]
    assert world.exported() == ["x.json"]
    proved(world, execution)


async def test_a_schemas_error_names_the_places_and_not_what_was_there(memory_path: Path) -> None:
    rows = [{"id": number, "title": 4711_0815} for number in range(50)]
    execution, _, _ = await run(memory_path, http(200, json.dumps(rows).encode()), responseSchema=ROWS)
    message = execution.steps["ask"].attempts[0]["error"]["message"]
    assert f"{ORIGIN}/x" in message
    assert '/0/title: the value is not of type "string"; /1/title' in message
    assert "47110815" not in message
    assert len(message) < 400


async def test_an_address_that_was_not_looked_at_fails_once(memory_path: Path) -> None:
    async def names(host: str, port: int) -> list[str]:
        del host, port
        return ["169.254.169.254"]

    world = World(memory_path)
    world.api = MappedHttpApi(read_endpoints({ORIGIN: ORIGIN}), names=names)  # type: ignore[assignment]
    definition = define(step("ask", "external_api", endpoint=f"{ORIGIN}/x"))
    execution = await world.runner().execute(definition, {}, executed_by="ann")
    await world.api.close()
    assert errors(execution) == ["api.address"]
    assert "169.254.169.254" in execution.steps["ask"].attempts[0]["error"]["message"]
    proved(world, execution)
