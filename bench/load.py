"""Many executions at once through the API of a real `runbooks serve`: do all end, how fast, who waits for an answer.

`python -m bench.load --help`. The server is a process with the embedded graph and the demo data, as a user starts it.
Before the load the runbook runs alone, a few times: figures under load are worth something as ratios to that. Clients
look at their execution at fixed times, whether or not the answer before came late, so a server that stalls cannot hide
it by being asked less.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.machine import describe, load
from bench.report import table
from bench.served import Served, serving

_REPOSITORY = Path(__file__).resolve().parents[1]
_LIMIT_SECONDS = 3600.0


@dataclass
class Seen:
    """What the clients saw: seconds to an answer, and outcomes by execution."""

    accepted: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Measure and print Markdown."""
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        for line in describe(Path(name).resolve()):
            print(line + "  ")
        print(f"{load()} at the start\n", flush=True)
        with serving(Path(name).resolve(), subjects=asked.subjects, settings=_settings(asked)) as served:
            asyncio.run(_measure(served, asked))
        print(f"\n{load()} at the end")


async def _measure(served: Served, asked: argparse.Namespace) -> None:
    # Connections are given up before the server does, which it does after 5 s.
    limits = httpx.Limits(
        max_connections=asked.connections, max_keepalive_connections=asked.connections, keepalive_expiry=2
    )
    common: dict[str, Any] = {"base_url": served.url, "trust_env": False, "timeout": 120, "limits": limits}
    # Who looks is another program than who starts, and does not wait for its connections.
    async with httpx.AsyncClient(**common) as starter, httpx.AsyncClient(**common) as looker:
        http = (starter, looker)
        first = await _one(http, served.tokens[0], asked.runbook, Seen(), 0.05)
        alone = [await _one(http, served.tokens[0], asked.runbook, Seen(), 0.05) for _ in range(asked.rounds)]
        before = served.peaks()
        seen, spent, began = Seen(), served.cpu(), time.perf_counter()
        tokens = [served.tokens[number % len(served.tokens)] for number in range(asked.executions)]
        await asyncio.gather(*(_one(http, token, asked.runbook, seen, asked.look) for token in tokens))
        wall = time.perf_counter() - began
        print(_report(first, alone, seen, wall, served.cpu() - spent, (before, served.peaks())), flush=True)
        if set(seen.outcomes) != {"completed"}:
            raise SystemExit(f"not all completed: {dict(seen.outcomes)}")


async def _one(
    http: tuple[httpx.AsyncClient, httpx.AsyncClient], token: str, runbook: str, seen: Seen, look: float
) -> float:
    """Start one and look at it until it has ended; the seconds from its start to the look that saw the end."""
    headers, began = {"Authorization": f"Bearer {token}"}, time.perf_counter()
    answer = await http[0].post("/runbooks/execute", json={"runbookId": runbook}, headers=headers)
    seen.accepted.append(time.perf_counter() - began)
    if answer.status_code != 202:
        seen.outcomes[f"HTTP {answer.status_code}"] += 1
        return 0.0
    name, due = answer.json()["executionId"], time.perf_counter()
    while time.perf_counter() - began < _LIMIT_SECONDS:
        due += look
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        status = (await http[1].get(f"/runbooks/{name}", headers=headers)).raise_for_status().json()
        seen.looks.append(time.perf_counter() - due)
        if status["merkleRoot"] is not None or status["outcome"] not in ("running", "waiting"):
            seen.outcomes[status["outcome"]] += 1
            seen.ended.append(time.perf_counter() - began)
            return seen.ended[-1]
    seen.outcomes["unfinished"] += 1
    return _LIMIT_SECONDS


def _report(first: float, alone: list[float], seen: Seen, wall: float, cpu: float, peaks: Any) -> str:
    one = median(alone)
    count = sum(seen.outcomes.values())
    (before, _), (service, graph) = peaks
    rows = [
        ["executions, by outcome", ", ".join(f"{name} {number}" for name, number in seen.outcomes.items())],
        ["the first alone (fills the entities), s", f"{first:.2f}"],
        ["one alone, s", f"{one:.2f} ({min(alone):.2f} to {max(alone):.2f})"],
        ["all, s", f"{wall:.1f}"],
        ["executions a second", f"{count / wall:.2f}"],
        ["all, times one alone after the other", f"{wall / (one * count):.2f}"],
        ["CPU of the service, s an execution", f"{cpu / count:.3f}"],
        ["answer to a start, s: p50, p95, p99", _percentiles(seen.accepted)],
        [f"answer to one of {len(seen.looks):,} looks, s: p50, p95, p99", _percentiles(seen.looks)],
        ["from start to end, s: p50, p95, p99", _percentiles(seen.ended)],
        ["service at its peak, MB (before the load)", f"{service:.0f} ({before:.0f})"],
        ["graph server at its peak, MB", f"{graph:.0f}"],
    ]
    return table(["", ""], rows)


def _percentiles(values: list[float]) -> str:
    ordered = sorted(values)
    return ", ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))]:.3f}" for share in (0.5, 0.95, 0.99))


def _settings(asked: argparse.Namespace) -> dict[str, Any]:
    return {"limits": {"rate": 10_000, "burst": 10_000, "executions": asked.executions}}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__, allow_abbrev=False)
    parser.add_argument("--runbook", default="R1", help="which one (default R1)")
    parser.add_argument("--executions", type=int, default=500, help="how many at once (default 500)")
    parser.add_argument("--subjects", type=int, default=10, help="in the names of how many (default 10)")
    parser.add_argument("--rounds", type=int, default=5, help="runs alone (default 5)")
    parser.add_argument("--look", type=float, default=5.0, help="seconds between looks at one execution (default 5)")
    parser.add_argument("--connections", type=int, default=100, help="of all clients together (default 100)")
    parser.add_argument("--folder", type=Path, default=_REPOSITORY / ".cache" / "bench", help="scratch folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
