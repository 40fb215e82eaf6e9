"""Which records are one entity: each rule alone, on records made for it."""

from __future__ import annotations

import random
from typing import Any

from runbooks.demo.clusters import Record, read_clusters
from runbooks.demo.entities import Entity, join_records


def record(name: str, **known: Any) -> Record:
    fields: dict[str, Any] = {
        "cluster": "tool",
        "uuid": f"uuid of {name}",
        "description": "",
        "synonyms": (),
        "refs": (),
        "related": (),
        "attack_id": None,
        "platforms": (),
        "country": None,
        "says_more": bool(known),
    }
    return Record(name=name, **{**fields, **known})


def joined(anchors: list[Record], other: Record) -> str | None:
    """Name of the anchor that `other` joins."""
    entities = join_records("software", anchors, [other])
    [entity] = [entity for entity in entities if other in entity.community]
    return entity.anchor.name if entity.anchor else None


def test_the_same_name_joins_however_it_is_spelled() -> None:
    for name in ("gold-max", "GOLD MAX", "Goldmax Ransomware", "goldmax"):
        assert joined([record("GoldMax"), record("Sibot")], record(name)) == "GoldMax"


def test_a_name_that_two_anchors_have_stays_apart() -> None:
    anchors = [record("Agent", uuid="1"), record("agent", uuid="2")]
    assert joined(anchors, record("AGENT", related=(("similar", "1"),))) is None


def test_one_similar_link_joins_and_two_do_not() -> None:
    anchors = [record("A", uuid="1"), record("B", uuid="2")]
    assert joined(anchors, record("other", related=(("similar", "2"),))) == "B"
    assert joined(anchors, record("other", related=(("similar", "1"), ("similar", "2")))) is None
    assert joined(anchors, record("other", related=(("uses", "2"),))) is None


def test_the_name_outranks_a_link_and_a_link_outranks_an_alias() -> None:
    anchors = [record("A", uuid="1"), record("B", uuid="2"), record("C", uuid="3")]
    assert joined(anchors, record("A", related=(("similar", "2"),), synonyms=("C",))) == "A"
    assert joined(anchors, record("x", related=(("similar", "2"),), synonyms=("C",))) == "B"
    assert joined(anchors, record("x", synonyms=("C",))) == "C"
    assert joined(anchors, record("x", synonyms=("A", "C"))) is None


def test_an_anchors_alias_counts_only_for_a_record_that_says_what_it_is_and_who_reported_it() -> None:
    anchor = record("FrameworkPOS", synonyms=("Trinity",))
    assert joined([anchor], record("trinity", refs=("https://example.com/1",))) is None
    assert joined([anchor], record("trinity", description="ransomware")) is None
    assert (
        joined([anchor], record("trinity", description="steals cards", refs=("https://example.com/1",))) == anchor.name
    )


def test_names_without_latin_letters_equal_only_themselves() -> None:
    assert joined([record("фантом")], record("$$$")) is None
    assert joined([record("фантом")], record("фантом")) == "фантом"


def test_records_are_not_joined_through_each_other() -> None:
    anchor = record("A", uuid="1")
    near, far = record("B", related=(("similar", "1"),)), record("C", related=(("similar", "uuid of B"),))
    entities = join_records("software", [anchor], [near, far])
    assert [entity.records for entity in entities] == [[anchor, near], [far]]


def test_the_record_of_the_same_name_is_the_closest_whatever_the_order() -> None:
    anchor = record("A", uuid="1")
    others = [record("x", synonyms=("A",)), record("a"), record("y", related=(("similar", "1"),))]
    for seed in range(6):
        random.Random(seed).shuffle(others)
        [entity] = join_records("software", [anchor], others)
        assert [other.name for other in entity.community] == ["a", "y", "x"]


def test_links_agree_with_124_of_the_126_joins_that_they_can_check() -> None:
    clusters = read_clusters()
    software = [*clusters["mitre-malware"], *clusters["mitre-tool"]]
    community = [*clusters["ransomware"], *clusters["tool"]]
    checked = [
        *_checked(join_records("actor", clusters["mitre-intrusion-set"], clusters["threat-actor"])),
        *_checked(join_records("software", software, community)),
    ]
    assert (sum(checked), len(checked)) == (124, 126)


def _checked(entities: list[Entity]) -> list[bool]:
    anchors = {entity.uuid for entity in entities if entity.anchor}
    links: dict[str, set[str]] = {}
    for entity in entities:
        for one in entity.records:
            for relation, other in one.related:
                if relation == "similar" and (one.uuid in anchors) != (other in anchors):
                    anchor, outer = (one.uuid, other) if one.uuid in anchors else (other, one.uuid)
                    links.setdefault(outer, set()).add(anchor)
    joins = [(entity.uuid, one.uuid) for entity in entities if entity.anchor for one in entity.community]
    return [anchor in links[outer] for anchor, outer in joins if outer in links]
