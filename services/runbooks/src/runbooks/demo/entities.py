"""Decides which records are one entity: ATT&CK entries are anchors, any other record joins at most one of them.

In this order: the anchor of the same name; else the one anchor that a `similar` link names; else the one anchor that an
alias names. Where a rule finds several anchors the record stays apart. There is no transitive closure: two records are
one entity only through their anchor. Why each rule is as it is, and what it was chosen by: docs/adr/0005-demo-data.md.
"""

from __future__ import annotations

__all__ = ["Entity", "join_records"]

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from runbooks.demo.clusters import Record

_SUFFIX = re.compile(r"[\s_-]*ransomware\s*$", re.IGNORECASE)
_NOISE = re.compile(r"[^a-z0-9]")


@dataclass
class Entity:
    """The records of one actor or software: the ATT&CK entry, if any, and the community's, the closest first."""

    kind: str
    anchor: Record | None
    community: list[Record] = field(default_factory=list)

    @property
    def uuid(self) -> str:
        """The anchor's uuid, else that of its only record."""
        return self.first.uuid

    @property
    def first(self) -> Record:
        """The record that gives the entity its name."""
        return self.anchor or self.community[0]

    @property
    def records(self) -> list[Record]:
        """All records, the anchor first."""
        return [self.anchor, *self.community] if self.anchor else self.community

    @property
    def describing(self) -> list[Record]:
        """The community's records that say more than a name."""
        return [record for record in self.community if record.says_more]


def join_records(kind: str, anchors: Sequence[Record], others: Iterable[Record]) -> list[Entity]:
    """Entities of `kind`: first one for each anchor, in order, then one for each record that stays apart."""
    entities = {anchor.uuid: Entity(kind, anchor) for anchor in anchors}
    index = _Index(anchors)
    joined: list[tuple[int, str, Record]] = []
    apart = []
    for record in others:
        rank, found = index.anchors_of(record)
        if len(found) == 1:
            joined.append((rank, next(iter(found)), record))
        else:
            apart.append(Entity(kind, None, [record]))
    for _, uuid, record in sorted(joined, key=lambda item: item[0]):
        entities[uuid].community.append(record)
    return [*entities.values(), *apart]


class _Index:
    def __init__(self, anchors: Sequence[Record]) -> None:
        self._uuids = {anchor.uuid for anchor in anchors}
        self._names: dict[str, set[str]] = defaultdict(set)
        self._aliases: dict[str, set[str]] = defaultdict(set)
        for anchor in anchors:
            self._names[_comparable(anchor.name)].add(anchor.uuid)
            for alias in anchor.synonyms:
                self._aliases[_comparable(alias)].add(anchor.uuid)

    def anchors_of(self, record: Record) -> tuple[int, set[str]]:
        """Rank of the first rule that finds an anchor, and all anchors that it finds."""
        rules = (self._by_name, self._by_link, self._by_alias)
        for rank, rule in enumerate(rules):
            found = rule(record)
            if found:
                return rank, found
        return len(rules), set()

    def _by_name(self, record: Record) -> set[str]:
        return self._names.get(_comparable(record.name), set())

    def _by_link(self, record: Record) -> set[str]:
        return {uuid for relation, uuid in record.related if relation == "similar" and uuid in self._uuids}

    def _by_alias(self, record: Record) -> set[str]:
        found: set[str] = set()
        for alias in record.synonyms:
            found |= self._names.get(_comparable(alias), set())
        # Names are used again: "trinity" is a ransomware and also an alias of a point-of-sale malware. So an anchor's
        # alias counts only for a record that says itself what it is and who reported it.
        if record.description and record.refs:
            found |= self._aliases.get(_comparable(record.name), set())
        return found


@lru_cache(maxsize=32_768)
def _comparable(name: str) -> str:
    text = name.strip()
    # A name of no Latin letter or digit is kept as it is, so that it equals only itself.
    return _letters(_SUFFIX.sub("", text)) or _letters(text) or text


def _letters(name: str) -> str:
    return _NOISE.sub("", name.casefold())
