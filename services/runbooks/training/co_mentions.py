"""The graph of who is mentioned with whom, and the features of a pair in it: whole numbers, then ratios and roots.

A count here is a column of the query in R2, a feature a member of what R2's transform makes; a test holds both equal
on the demo graph. Only operations that IEEE 754 rounds exactly are used, and sums are sums of whole numbers, so the
order of documents cannot matter.
"""

from __future__ import annotations

__all__ = ["CAP", "FEATURES", "CoMentions", "Features", "Pair", "features_of"]

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

Pair = tuple[str, str]
Features = dict[str, float]

# A document with more entities is a yearly report that names everybody: it says little and makes most pairs.
CAP = 15
# Divisible by 1 to 15, so that a share of a document is a whole number.
_WHOLE = 360_360

FEATURES = ("rootShared", "soleShare", "softwareShare", "inverseActors", "rootActorDocuments", "allocation")


class CoMentions:
    """Entities and the evidence that mentions them; `kinds` are `actor` or `software` by entity."""

    def __init__(self, kinds: Mapping[str, str], mentions: Iterable[tuple[str, str]]) -> None:
        self._kinds = kinds
        self._members: dict[str, set[str]] = defaultdict(set)
        self._documents: dict[str, set[str]] = defaultdict(set)
        for entity, document in mentions:
            self._members[document].add(entity)
            self._documents[entity].add(document)

    def candidates(self, cap: float = CAP) -> list[Pair]:
        """Every actor and software in one document of at most `cap` entities, sorted."""
        found = set()
        for members in self._members.values():
            if len(members) <= cap:
                actors = [name for name in members if self._kinds[name] == "actor"]
                found |= {(actor, name) for name in members if self._kinds[name] == "software" for actor in actors}
        return sorted(found)

    def shared(self, pair: Pair) -> list[str]:
        """The documents of at most CAP entities that mention both, sorted."""
        actor, software = pair
        return [item for item in sorted(self._documents[actor] & self._documents[software]) if self._is_small(item)]

    def counts(self, pair: Pair, without: frozenset[str] = frozenset()) -> dict[str, int]:
        """What R2's query counts for a pair, as if the documents `without` did not exist; some must be left."""
        actor, software = pair
        shared = [item for item in self.shared(pair) if item not in without]
        of_software = self._documents[software] - without
        return {
            "shared": len(shared),
            "soleShared": sum(self._actors(item) == 1 for item in shared),
            "fewestActors": min(map(self._actors, shared)),
            "allocated": sum(_WHOLE // len(self._members[item]) for item in shared),
            "actorDocuments": len(self._documents[actor] - without),
            "softwareDocuments": len(of_software),
            "softwareSole": sum(self._actors(item) == 1 for item in of_software if self._is_small(item)),
        }

    def adamic_adar(self, pair: Pair, without: frozenset[str] = frozenset()) -> float:
        """The baseline: the sum of 1 / log(entities) over the shared documents."""
        return math.fsum(1 / math.log(len(self._members[item])) for item in self.shared(pair) if item not in without)

    def _is_small(self, document: str) -> bool:
        return len(self._members[document]) <= CAP

    def _actors(self, document: str) -> int:
        return sum(self._kinds[name] == "actor" for name in self._members[document])


def features_of(counts: Mapping[str, int]) -> Features:
    """The features, in the order of FEATURES."""
    values = (
        math.sqrt(counts["shared"]),
        # One is added on each side, so that a software without a document of its own is no certain case.
        (counts["soleShared"] + 1) / (counts["softwareSole"] + 2),
        counts["shared"] / counts["softwareDocuments"],
        1 / counts["fewestActors"],
        math.sqrt(counts["actorDocuments"]),
        counts["allocated"] / _WHOLE,
    )
    return dict(zip(FEATURES, values, strict=True))
