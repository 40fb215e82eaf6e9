"""Changes what a manifest records and seals it again with the test keys, so that only what it says is wrong."""

from __future__ import annotations

__all__ = ["resealed"]

import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools" / "pcq-verify" / "tests"))

from keyring import jcs
from maker import seal

Json = Any

_OUTCOMES = ["done", "failed", "skipped", "blocked", "overridden", "not-run"]
_OTHERS: list[Json] = [
    *(None, 0, 1, -1, 1.5, "x", "", True, [], {}, [1], {"a": 1}, "sha256:" + "0" * 64),
    *("pass", "fail", "error", "block", "warn", "done", "2026-01-01T00:00:00Z", "2026-02-03T04:05:06.789012Z"),
]


def resealed(manifest: Json, seed: int) -> bytes | None:
    """The bytes of a changed manifest, or None where the change cannot be sealed."""
    chance = random.Random(seed)
    for _ in range(chance.randrange(1, 3)):
        _change(chance.choice(manifest["steps"]), chance)
    for step in manifest["steps"]:
        step["attestation"]["salts"] = {}
    try:
        return jcs(seal(manifest))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None


def _change(step: Json, chance: random.Random) -> None:
    place, name = step["attestation"], chance.choice(["inputs", "outputs", "outcome", "proofs", "proofs"])
    if name == "outcome":
        place["outcome"] = chance.choice(_OUTCOMES)
        return
    place = step["proofs"] if name == "proofs" else place[name]
    while isinstance(place, dict | list) and place:
        key = chance.choice(list(place) if isinstance(place, dict) else list(range(len(place))))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.85:
            place = inner
        elif chance.random() < 0.15:
            del place[key]
            return
        else:
            place[key] = chance.choice(_OTHERS)
            return
