"""What a vector is, and small changes to manifests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keyring import jcs

Json = Any


@dataclass(frozen=True)
class Case:
    """One file and what a verifier must say: `exit` is the exit code under `trust` and `options`."""

    name: str
    exit: int
    desc: str
    data: Any
    trust: str = "trust.json"
    options: tuple[str, ...] = ()

    @property
    def encoded(self) -> bytes:
        """The file's bytes; a value is written in its RFC 8785 form."""
        return self.data if isinstance(self.data, bytes) else jcs(self.data)


def changed(manifest: Json, *steps: Callable[[Json], Any]) -> Json:
    """`manifest` after each change, in place."""
    for step in steps:
        step(manifest)
    return manifest


def step_of(manifest: Json, step_id: str) -> Json:
    """The step of that name."""
    [found] = [item for item in manifest["steps"] if item["stepId"] == step_id]
    return found
