"""Where a replay differs from its record: by which members of a step's statement, and which step began it. Pure.

A step's statement names the one before it, so whatever comes after a difference has another hash. What is its own is
told apart here from what only follows.
"""

from __future__ import annotations

__all__ = ["LINKS", "SECTIONS", "StepDifference", "differences"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SECTIONS = ("inputs", "outputs", "proofs")
# Members of a core that only say which statements come before.
LINKS = frozenset({"dependsOn", "previousAttestationHash"})

Core = Mapping[str, Any]


@dataclass(frozen=True)
class StepDifference:
    """One step, as it was sealed and as it is again.

    `mark` is `equal` (the same bytes), `linked` (only its links differ: everything of its own is byte-equal) or
    `different`. `role` is `cause` for a different step that nothing before it explains, else `follows`; None where it
    is equal. `members` are the names of the core's members that differ.
    """

    step_id: str
    mark: str
    role: str | None
    members: list[str] = field(default_factory=list)


def differences(recorded: Sequence[Core], again: Sequence[Core], above: Mapping[str, set[str]]) -> list[StepDifference]:
    """One answer a step; `above` are the steps that each one's inputs may come from, directly or not.

    A different step is a cause when its inputs are equal, or when no step above it gives anything else.
    """
    found: list[StepDifference] = []
    given: set[str] = set()
    for sealed, core in zip(recorded, again, strict=True):
        name = str(core["stepId"])
        members = sorted(key for key in sealed.keys() | core.keys() if sealed.get(key) != core.get(key))
        own = set(members) - LINKS
        if own & {"outputs", "outcome", "context"}:
            given.add(name)
        if not members:
            found.append(StepDifference(name, "equal", None))
        elif not own:
            found.append(StepDifference(name, "linked", "follows", members))
        else:
            is_cause = "inputs" not in own or not given & above.get(name, set())
            found.append(StepDifference(name, "different", "cause" if is_cause else "follows", members))
    return found
