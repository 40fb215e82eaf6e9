"""What the demo's external API knows: the ATT&CK clusters, as answers to lists of entities.

An answer has the order of `id` and holds only entities that ATT&CK knows. A field that ATT&CK leaves open is null, so
that an answer can be written row by row without asking which members it has.
"""

from __future__ import annotations

__all__ = ["attack_countries", "attack_software", "country_of"]

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from runbooks.demo.clusters import Record, read_clusters
from runbooks.demo.galaxies import Row, evidence_of

_COUNTRIES = {
    "Belarus": "BY",
    "Brazil": "BR",
    "Brazilian": "BR",
    "China": "CN",
    "Chinese": "CN",
    "India": "IN",
    "Indian": "IN",
    "Iran": "IR",
    "Iranian": "IR",
    "Lebanese": "LB",
    "Nigerian": "NG",
    "North Korea": "KP",
    "North Korean": "KP",
    "Pakistan": "PK",
    "People’s Republic of China": "CN",
    "Russia": "RU",
    "Russian": "RU",
    "South Korea": "KR",
    "South Korean": "KR",
    "Turkish": "TR",
    "Vietnam": "VN",
    "Vietnamese": "VN",
}

_NAMES = "|".join(sorted(_COUNTRIES, key=len, reverse=True))
# The country must qualify the group itself: "a China-based group", "an Iranian threat group". A language ("Chinese-
# speaking"), a target ("banks in Russia") and looser wording ("with Chinese origins") are no country of the group.
_ATTRIBUTED = re.compile(
    rf"\b(?P<name>{_NAMES})"
    r"(?:-(?:based|linked|related)\b| (?:state-sponsored |cyber )*(?:threat |espionage )+(?:group|actor))"
)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_FIRST_SENTENCE = re.compile(r"[^.]*(?:\.(?! |$)[^.]*)*")


def attack_software(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """For rows with `id` and `attackId`: id, description, platforms and documents (ids of evidence)."""
    known = _by_attack_id("mitre-malware", "mitre-tool")
    found = ((row["id"], known.get(str(row.get("attackId")))) for row in rows)
    return _by_id(_software(uuid, record) for uuid, record in found if record)


def attack_countries(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """For rows with `id`, the uuid of an ATT&CK group: id and country (ISO 3166-1 alpha-2) of those that name one."""
    groups = _groups()
    found = ((row["id"], country_of(groups[row["id"]].description)) for row in rows if row["id"] in groups)
    return _by_id({"id": uuid, "country": country} for uuid, country in found if country)


def country_of(description: str) -> str | None:
    """The country to which the first sentence of a group's description attributes the group, else None."""
    sentence = _FIRST_SENTENCE.match(_LINK.sub(r"\1", description))
    found = _ATTRIBUTED.search(sentence[0]) if sentence else None
    return _COUNTRIES[found["name"]] if found else None


def _software(uuid: str, record: Record) -> Row:
    return {
        "id": uuid,
        "description": record.description or None,
        "platforms": list(record.platforms) or None,
        "documents": evidence_of([record]) or None,
    }


def _by_id(answers: Iterable[Row]) -> list[Row]:
    return sorted(answers, key=lambda answer: str(answer["id"]))


@lru_cache(maxsize=1)
def _clusters() -> dict[str, tuple[Record, ...]]:
    return read_clusters()


@lru_cache
def _by_attack_id(*names: str) -> dict[str, Record]:
    return {record.attack_id: record for name in names for record in _clusters()[name] if record.attack_id}


@lru_cache(maxsize=1)
def _groups() -> dict[str, Record]:
    return {record.uuid: record for record in _clusters()["mitre-intrusion-set"]}
