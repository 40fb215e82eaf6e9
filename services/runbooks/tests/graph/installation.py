"""A runner as `runbooks run` has it, over a graph that is already open, at a time and with a seed that are fixed."""

from __future__ import annotations

__all__ = ["DECIDER", "FixedClock", "find_template", "installed"]

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from runbooks.adapters.keys import FileKeys
from runbooks.definition import Definition
from runbooks.lint import load_definition
from runbooks.runner import RunbookRunner
from runbooks.service import add_approvers, open_runner
from runbooks.settings import Settings, load_registries

from services.runbooks.tests.simulator import Faults, Mortal

TEMPLATES = Path(__file__).parents[2] / "templates"
# Whom the shipped policies let decide what an analyst asks.
DECIDER = "ombuds-1"

_ENDPOINTS = {"https://api.example.com": "demo:", "https://attack.example.com": "demo:"}


class FixedClock:
    """A Clock that stands still; waiting takes no time."""

    def now(self) -> str:
        return "2026-11-24T12:00:00.000000Z"

    async def sleep(self, seconds: float) -> None:
        """Return at once."""


@asynccontextmanager
async def installed(
    home: Path, graph: Any, *, keys: Path | None = None, faults: Faults | None = None, clock: Any = None
) -> AsyncIterator[RunbookRunner]:
    """The data folder `home`, made with the keys in `keys` if it is new; ledger and graph meet the `faults`."""
    settings = Settings(home, endpoints=_ENDPOINTS)
    if keys is not None and not (home / "keys").exists():
        shutil.copytree(keys, home / "keys")
    add_approvers(settings, [DECIDER])
    async with open_runner(settings) as shipped:
        world = replace(shipped._world, graph=graph, clock=clock or FixedClock(), make_seed=lambda: "5eed" * 8)
        if faults is not None:
            mortal: dict[str, Any] = {name: Mortal(getattr(world, name), name, faults) for name in ("ledger", "graph")}
            world = replace(world, **mortal)
        salt_key = FileKeys.open(home / "keys").salt_key
        yield RunbookRunner(world, load_registries(settings), salt_key=salt_key, log_origin="test")


def find_template(name: str) -> Definition:
    """The shipped runbook in that file."""
    return load_definition((TEMPLATES / name).read_bytes())
