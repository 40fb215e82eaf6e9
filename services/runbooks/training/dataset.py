"""What the demo data say about pairs: mentions with who supplied them, and which pairs ATT&CK calls a use.

No relation, description or page of a knowledge base enters a feature; relations are the labels and nothing else.
"""

from __future__ import annotations

__all__ = ["Dataset", "load_dataset"]

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from runbooks.demo.clusters import read_clusters
from runbooks.demo.galaxies import demo_data, demo_entities, evidence_of

from services.runbooks.training.co_mentions import CoMentions, Pair

_ATTACK, _COMMUNITY = "attack", "community"


@dataclass(frozen=True)
class Dataset:
    """`suppliers` says for each mention (entity, document) whose record has it; `known` are the ids in ATT&CK."""

    kinds: Mapping[str, str]
    suppliers: Mapping[tuple[str, str], frozenset[str]]
    known: frozenset[str]
    uses: frozenset[Pair]

    @cached_property
    def graph(self) -> CoMentions:
        """All evidence."""
        return CoMentions(self.kinds, self.suppliers)

    @cached_property
    def without_attack(self) -> CoMentions:
        """The mentions that the community's records have, whether ATT&CK has them too or not."""
        return CoMentions(self.kinds, [item for item, by in self.suppliers.items() if by != {_ATTACK}])

    def is_labelled(self, pair: Pair) -> bool:
        """True where ATT&CK knows both ends; of other pairs nobody said anything."""
        return pair[0] in self.known and pair[1] in self.known

    def may_be_cited(self, pair: Pair) -> frozenset[str]:
        """The shared documents that ATT&CK cites at both ends: one of them may be where the relation was read."""
        return frozenset(
            item for item in self.graph.shared(pair) if all(_ATTACK in self.suppliers[entity, item] for entity in pair)
        )


def load_dataset() -> Dataset:
    """The demo data of the installed package; raises SettingsError without it."""
    entities = demo_entities(read_clusters())
    suppliers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entity in entities:
        for record in entity.records:
            for document in evidence_of([record]):
                suppliers[entity.uuid, document].add(_ATTACK if record is entity.anchor else _COMMUNITY)
    kinds = {entity.uuid: entity.kind for entity in entities}
    uses = {(row["source"], row["target"]) for row in demo_data().uses}
    return Dataset(
        kinds=kinds,
        suppliers={item: frozenset(by) for item, by in sorted(suppliers.items())},
        known=frozenset(entity.uuid for entity in entities if entity.anchor),
        uses=frozenset(pair for pair in uses if kinds[pair[1]] == "software"),
    )
