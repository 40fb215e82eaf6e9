"""Real products for tests: one module a product that fetches, starts and stops it, on loopback, in a temporary folder.

A product that cannot be had skips its tests, each with the reason; with CI=true that is a failure, so nothing goes
quietly untested there.
"""

from __future__ import annotations

__all__ = ["not_tested_lines", "require"]

import os

import pytest

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


def not_tested_lines() -> list[str]:
    """One line a product that was missing in this run, for the block at its end; empty if all were there."""
    return [f"not tested here: {product}, because {reason}" for product, reason in sorted(_MISSING.items())]
