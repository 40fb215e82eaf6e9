"""The kinds of prover, one file each; the kinds and their phases are in `registry`."""

from __future__ import annotations

__all__: list[str] = []
