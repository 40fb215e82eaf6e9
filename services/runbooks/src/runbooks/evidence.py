"""Evidence: what a judge may look at, and how a pointer into it resolves. Pure."""

from __future__ import annotations

__all__ = ["Scope", "instant", "is_time", "resolve_pointer"]

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]{0,15}")  # no list is longer, and Python refuses to convert thousands of digits

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


@dataclass(frozen=True)
class Scope:
    """The recorded facts around one step; a verifier has the same ones in the manifest.

    `licences` is the licence registry, `outputs` are the step's own (for postconditions),
    `ancestors` maps the stepId of each ancestor to its outputs, `ancestor_proofs` to the proofs of its preconditions.
    """

    executed_by: str
    logical_time: str
    purpose: str | None
    runbook_id: str
    version: str
    step_id: str
    execution_id: str
    policies_digest: str
    licences_digest: str
    licences: Mapping[str, Any] = field(repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    outputs: Any = field(default=None, repr=False)
    ancestors: Mapping[str, Any] = field(default_factory=dict, repr=False)
    ancestor_proofs: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict, repr=False)


def instant(time: str) -> datetime:
    """The instant of an RFC 3339 time in UTC, so that `.5Z` and `.500Z` are one."""
    return datetime.fromisoformat(time)


def is_time(value: Any) -> bool:
    """True for a time as the format has it (spec/pcq-v1.md, 1): RFC 3339, UTC with `Z`, a date of the calendar."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        instant(value)
    except ValueError:
        return False
    return True


def resolve_pointer(value: Any, pointer: str) -> tuple[bool, Any]:
    """(True, the value that an RFC 6901 pointer leads to), or (False, None)."""
    if pointer and not pointer.startswith("/"):
        return False, None
    for part in pointer.split("/")[1:]:
        if re.search("~(?![01])", part):
            return False, None
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return False, None
    return True, value
