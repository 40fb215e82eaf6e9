"""Real products for tests: one module a product that fetches, starts and stops it, on loopback, in a temporary folder.

A product that cannot be had skips its tests, each with the reason; with CI=true that is a failure, so nothing goes
quietly untested there. Several workers may run at once: each starts servers of its own, and what is fetched is fetched
by one of them.
"""

from __future__ import annotations

__all__ = ["CACHE", "missing_products", "not_tested_lines", "note_missing", "one_at_a_time", "require"]

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

# Where what was fetched or built stays.
CACHE = Path(__file__).parents[4] / ".cache"

_MISSING: dict[str, str] = {}


def require(product: str, missing: str | None, *, in_ci: bool = True) -> None:
    """Skip (with CI=true and `in_ci`: fail) because `product` cannot be had, `missing` being why; None: go on."""
    if missing is None:
        return
    _MISSING[product] = missing
    message = f"not tested here: {product}, because {missing}"
    if in_ci and os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Only one process is inside: who comes later finds in CACHE what the first has fetched."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "fetching.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def missing_products() -> dict[str, str]:
    """What was missing in this process so far, and why."""
    return dict(_MISSING)


def note_missing(products: Mapping[str, str]) -> None:
    """Take over what was missing in another process of the same run."""
    _MISSING.update(products)


def not_tested_lines() -> list[str]:
    """One line a product that was missing in this run, for the block at its end; empty if all were there."""
    return [f"not tested here: {product}, because {reason}" for product, reason in sorted(_MISSING.items())]
