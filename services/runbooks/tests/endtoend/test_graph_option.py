"""`--graph` and `runbooks graph` through the command line, against a real Neo4j server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from runbooks.adapters.graph.migrations import MIGRATIONS

from services.runbooks.tests.endtoend.conftest import SEED, Ended, runbooks
from services.runbooks.tests.graph.products import Neo4j

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Neo4j]:
    product = Neo4j(tmp_path_factory.mktemp("option") / "neo4j")
    await product.start()
    yield product
    await product.stop()


async def ask(server: Neo4j, home: Path, *arguments: str) -> Ended:
    secret = {
        "RUNBOOKS_GRAPH_USER": server.address.writer.user,
        "RUNBOOKS_GRAPH_PASSWORD": server.address.writer.password,
    }
    return await asyncio.to_thread(runbooks, home, *arguments, environment=secret)


async def test_the_sample_is_imported_into_that_graph_and_found_there_by_what_runs_later(
    server: Neo4j, tmp_path: Path
) -> None:
    await server.empty()
    url = server.address.url.replace("bolt://", "neo4j://")
    imported = await ask(server, tmp_path, "import-demo", "--sample", "--graph", url)
    assert imported.code == 0, imported.err
    settings = json.loads((tmp_path / "settings.json").read_bytes())
    assert (settings["graph"], settings["graph_user"]) == (url, server.address.writer.user)
    assert server.address.writer.password not in (tmp_path / "settings.json").read_text()
    ran = await ask(server, tmp_path, "run", str(SEED), "--as", "agent-456")
    assert ran.code == 0, ran.err
    people = await server.graph.query("MATCH (e:Entity) RETURN e.email AS email ORDER BY email", {})
    assert people == [{"email": f"{name}@example.com"} for name in ("alice", "bob", "carol")]
    assert not (tmp_path / "graph").exists(), "no embedded graph was started"


async def test_the_option_goes_before_the_setting(server: Neo4j, tmp_path: Path) -> None:
    await server.empty()
    (tmp_path / "settings.json").write_text('{"graph": "bolt://127.0.0.1:1"}')
    assert (await ask(server, tmp_path, "graph", "status")).code == 1
    seen = await ask(server, tmp_path, "graph", "migrate", "--graph", server.address.url)
    assert seen.code == 0, seen.err


async def test_status_tells_what_is_missing_and_changes_nothing(server: Neo4j, tmp_path: Path) -> None:
    await server.empty()
    for _ in range(2):
        lacking = await ask(server, tmp_path, "graph", "status", "--graph", server.address.url)
        assert (lacking.code, lacking.out.count("missing")) == (1, len(MIGRATIONS))
    migrated = await ask(server, tmp_path, "graph", "migrate", "--graph", server.address.url)
    assert (migrated.code, migrated.out.count("missing")) == (0, 0)
    assert (await ask(server, tmp_path, "graph", "status", "--graph", server.address.url)).out == migrated.out


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://localhost:7474", "starts with arcadedb:, bolt:// or neo4j://, got 'http'"),
        ("neo4j://neo4j:very-secret@localhost", "holds no credentials"),
    ],
)
async def test_an_address_that_cannot_be_one_is_one_sentence(
    server: Neo4j, tmp_path: Path, url: str, message: str
) -> None:
    refused = await ask(server, tmp_path, "import-demo", "--graph", url)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert message in refused.err
    assert "very-secret" not in refused.err
    assert not (tmp_path / "settings.json").exists()


@pytest.mark.parametrize("arguments", [("--copies", "0"), ("--copies", "1.5"), ("--copies", "101")])
async def test_a_number_of_copies_that_cannot_be_one_is_a_usage_error(
    server: Neo4j, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert (await ask(server, tmp_path, "import-demo", *arguments)).code == 2


async def test_the_sample_has_no_copies(server: Neo4j, tmp_path: Path) -> None:
    refused = await ask(server, tmp_path, "import-demo", "--sample", "--copies", "2")
    assert (refused.code, "--sample" in refused.err) == (1, True)
