"""`all`, `any`, `at_least`: several provers that count as one, in three values (spec/provers.md, 14)."""

from __future__ import annotations

__all__ = ["COMBINATIONS", "MAX_DEPTH", "Combination", "contains_itself", "leaves"]

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runbooks.provers.prover import Claim, Verdict

MAX_DEPTH = 4

Find = Callable[[str], Claim | None]

_NAMES = {"type": "array", "uniqueItems": True, "items": {"type": "string", "minLength": 1}}
_REASONS = {"pass": "combined.met", "fail": "combined.not_met", "error": "combined.undecided"}


@dataclass(frozen=True)
class Combination:
    """One way of counting; an empty one fails, for nothing was proved."""

    kind: str
    members: dict[str, Any] = field(default_factory=lambda: {"provers": _NAMES})
    required: tuple[str, ...] = ("provers",)
    one_of_required: tuple[str, ...] = ()
    version: int = 1

    def needed(self, claim: Claim) -> int:
        """How many must pass."""
        if self.kind == "all":
            return len(claim["provers"])
        return 1 if self.kind == "any" else int(claim["minimum"])

    def judge(self, claim: Claim, proofs: Sequence[Mapping[str, Any]]) -> Verdict:
        """From the proofs of its parts; their severity does not count here."""
        results = [proof["result"] for proof in proofs]
        needed = self.needed(claim)
        if not results or len(results) - results.count("fail") < needed:
            result = "fail"
        else:
            result = "pass" if results.count("pass") >= needed else "error"
        parts = [{name: value for name, value in proof.items() if name != "severity"} for proof in proofs]
        return Verdict(result, _REASONS[result], {"proofs": parts})  # type: ignore[arg-type]


_AT_LEAST = {"provers": _NAMES, "minimum": {"type": "integer", "minimum": 1}}
COMBINATIONS = {
    "all": Combination("all"),
    "any": Combination("any"),
    "at_least": Combination("at_least", _AT_LEAST, ("provers", "minimum")),
}


def leaves(names: Sequence[str], find: Find) -> Iterator[tuple[str, Claim]]:
    """The provers that are no combinations among `names` and what they contain, each once."""
    seen: set[str] = set()
    waiting = list(reversed(names))
    while waiting:
        name = waiting.pop()
        claim = find(name)
        if name in seen or claim is None:
            continue
        seen.add(name)
        if claim["type"] in COMBINATIONS:
            waiting.extend(reversed(claim["provers"]))
        else:
            yield name, claim


def contains_itself(name: str, find: Find) -> bool:
    """True when the combination is among its own parts, directly or not."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        claim = find(waiting.pop())
        if claim is None or claim["type"] not in COMBINATIONS:
            continue
        if name in claim["provers"]:
            return True
        waiting += [part for part in claim["provers"] if part not in seen]
        seen.update(claim["provers"])
    return False
