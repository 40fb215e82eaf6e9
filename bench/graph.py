"""The demo graph and copies of it in both products: importing it, and running the shipped runbooks over it.

`python -m bench.graph --help`. Every command is a process of its own, as a user starts it, so the embedded graph's
start and stop count; a Neo4j server is started before and does not. Peaks of the server go from its start, over all
commands on that graph for Neo4j, over the one command for the embedded graph.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.machine import describe, load
from bench.report import median_and_spread, table
from bench.watch import Watched, watch
from services.runbooks.tests.graph.products import server_process
from services.runbooks.tests.real import neo4j

_REPOSITORY = Path(__file__).resolve().parents[1]
_RUNBOOKS = str(Path(sys.executable).with_name("runbooks"))
_TIME_LIMIT = 1800.0
# Those of the shipped runbooks that work on the demo graph and complete without people, with what they need to know.
_TEMPLATES: dict[str, Sequence[str]] = {"R1": (), "R2": (), "R3": ()}

Server = Callable[[], int | None]


def main() -> None:
    """Measure what was asked for and print it as it comes."""
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name).resolve()
        for line in describe(folder):
            print(line + "  ")
        for copies in asked.copies:
            print(f"\n## {copies} × the demo graph\n\n{load()} at the start\n", flush=True)
            print(_measure(copies, asked.rounds, folder), flush=True)
        print(f"\n{load()} at the end")


def _measure(copies: int, rounds: int, folder: Path) -> str:
    samples: dict[tuple[str, str], list[Watched]] = defaultdict(list)
    for number in range(rounds):
        for product, opened in (("ArcadeDB, embedded", _embedded), (f"Neo4j {neo4j.LONG_TERM.version}", _neo4j)):
            with opened(folder / f"{product.split()[0].rstrip(',')}-{copies}-{number}") as (home, server, secret):
                for title, command in _commands(copies):
                    taken = watch([*command, "--home", str(home)], server, {**os.environ, **secret}, _TIME_LIMIT)
                    samples[product, title].append(taken)
    rows = [[f"{title}, {product}", *_figures(taken)] for (product, title), taken in samples.items()]
    return table(["", "wall, s", "service at its peak, MB", "graph server at its peak, MB"], rows)


def _commands(copies: int) -> Iterator[tuple[str, list[str]]]:
    yield "`import-demo`", [_RUNBOOKS, "import-demo", "--copies", str(copies)]
    for name, inputs in _TEMPLATES.items():
        yield f"`run {name}`", [_RUNBOOKS, "run", name, *inputs]


@contextmanager
def _embedded(folder: Path) -> Iterator[tuple[Path, Server, dict[str, str]]]:
    def server() -> int | None:
        try:
            return server_process(folder)
        except LookupError:
            return None

    yield folder, server, {}


@contextmanager
def _neo4j(folder: Path) -> Iterator[tuple[Path, Server, dict[str, str]]]:
    missing = neo4j.fetch(neo4j.LONG_TERM)
    if missing:
        raise SystemExit(f"no Neo4j to measure: {missing}")
    server = neo4j.Neo4jServer(folder / "server")
    server.start()
    try:
        home = folder / "home"
        home.mkdir()
        (home / "settings.json").write_text(
            f'{{"graph": "{server.url}", "endpoints": {{"https://attack.example.com": "demo:"}}}}'
        )
        yield home, lambda: server.pid, {"RUNBOOKS_GRAPH_PASSWORD": server.password}
    finally:
        server.kill()


def _figures(taken: Sequence[Watched]) -> list[str]:
    return [
        median_and_spread([sample.seconds for sample in taken], 1),
        median_and_spread([sample.service for sample in taken]),
        median_and_spread([sample.server for sample in taken]),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.graph", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=1, help="rounds of both products (default 1)")
    parser.add_argument("--copies", type=int, action="append", help="copies of the demo; may be given again (1 and 10)")
    parser.add_argument("--folder", type=Path, default=_REPOSITORY / ".cache" / "bench", help="scratch folder")
    asked = parser.parse_args()
    asked.copies = asked.copies or [1, 10]
    # A process that compiles itself first is no figure of the graph.
    subprocess.run([_RUNBOOKS, "--version"], check=True, stdout=subprocess.DEVNULL)
    return asked


if __name__ == "__main__":
    main()
