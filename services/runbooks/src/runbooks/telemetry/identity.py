"""Ids of traces and spans that follow from what they are about, so that whoever goes on with an execution joins in."""

from __future__ import annotations

__all__ = ["span_id_of", "trace_id_of"]

import hashlib


def trace_id_of(execution_id: str) -> str:
    """The trace of an execution that no step began: 32 hexadecimal digits, W3C Trace Context."""
    return _hash("trace", execution_id)[:32]


def span_id_of(*parts: str | int) -> int:
    """The id of a span about these: of an execution, a step of it, an attempt at that. Never 0."""
    return int(_hash("span", *parts)[:16], 16) or 1


def _hash(*parts: str | int) -> str:
    # Names may hold any separator but NUL.
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
