"""The demo graph in memory: entities, documents, techniques and how they hang together; built in about half a second.

What the graph holds before R1 runs: a software that the community describes has the community's fields only; what
ATT&CK knows about it comes from the enrichment service. Lists are sorted, so the same files always give the same data.
"""

from __future__ import annotations

__all__ = ["DemoData", "Row", "demo_data", "demo_entities", "evidence_of"]

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbooks.demo.clusters import Record, read_clusters
from runbooks.demo.documents import document_id, is_evidence, published
from runbooks.demo.entities import Entity, join_records

Row = dict[str, Any]


@dataclass(frozen=True)
class DemoData:
    """Rows for the graph; a row of a node is its properties, a row of a relationship `{"source", "target"}`.

    Entities have id, kind (`actor` or `software`), name, aliases, and where known attackId, communityId, description,
    platforms, country, documents (the evidence that the held fields name). Documents have id, url, evidence, and where
    known publishedOn and publishedIn. Techniques have id, attackId, name.
    """

    entities: list[Row]
    documents: list[Row]
    techniques: list[Row]
    mentions: list[Row]
    uses: list[Row]
    employs: list[Row]


def demo_data(folder: Path | None = None) -> DemoData:
    """Everything, from the cluster files in `folder` (default: those installed); raises SettingsError without them."""
    clusters = read_clusters(folder)
    entities = demo_entities(clusters)
    addresses: dict[str, str] = {}
    mentions = set()
    for entity in entities:
        for record in entity.records:
            for document, address in _documents_of(record):
                addresses.setdefault(document, address)
                mentions.add((entity.uuid, document))
    uses = {(entity.uuid, uuid) for entity in entities if entity.anchor for uuid in _used_by(entity.anchor)}
    techniques = {record.uuid: record for record in clusters["mitre-attack-pattern"]}
    known = {entity.uuid for entity in entities}
    employs = {(source, target) for source, target in uses if target in techniques}
    employed = sorted({target for _, target in employs})
    return DemoData(
        entities=sorted((_entity_row(entity) for entity in entities), key=lambda row: row["id"]),
        documents=[_document_row(document, addresses[document]) for document in sorted(addresses)],
        techniques=[_technique_row(techniques[uuid]) for uuid in employed],
        mentions=_relationships(mentions),
        uses=_relationships(pair for pair in uses if pair[1] in known),
        employs=_relationships(employs),
    )


def demo_entities(clusters: Mapping[str, Sequence[Record]]) -> list[Entity]:
    """Actors and software, each with the records that it was joined of."""
    software = [*clusters["mitre-malware"], *clusters["mitre-tool"]]
    return [
        *join_records("actor", clusters["mitre-intrusion-set"], clusters["threat-actor"]),
        *join_records("software", software, [*clusters["ransomware"], *clusters["tool"]]),
    ]


def evidence_of(records: Iterable[Record]) -> list[str]:
    """The ids of the documents that are evidence among what `records` refer to, sorted."""
    found = {document for record in records for document, _ in _documents_of(record)}
    return sorted(filter(is_evidence, found))


def _documents_of(record: Record) -> list[tuple[str, str]]:
    """The documents that a record refers to: id and address as written."""
    found = ((document_id(address), address) for address in record.refs)
    return [(document, address) for document, address in found if document]


def _used_by(record: Record) -> Iterable[str]:
    return (uuid for relation, uuid in record.related if relation == "uses")


def _entity_row(entity: Entity) -> Row:
    held = _held_records(entity)
    row: Row = {
        "id": entity.uuid,
        "kind": entity.kind,
        "name": entity.first.name,
        "aliases": _aliases(entity),
        "attackId": entity.anchor.attack_id if entity.anchor else None,
        "communityId": entity.describing[0].uuid if entity.describing else None,
        "description": _first(record.description for record in held),
        "platforms": _first(list(record.platforms) for record in held),
        "country": _first(record.country for record in held),
        "documents": evidence_of(held) or None,
    }
    return _without_nulls(row)


def _held_records(entity: Entity) -> Sequence[Record]:
    if entity.describing:
        return entity.describing
    return [entity.anchor] if entity.anchor else entity.community


def _aliases(entity: Entity) -> list[str]:
    names = {name for record in entity.records for name in (record.name, *record.synonyms)}
    return sorted(names - {entity.first.name})


def _document_row(document: str, address: str) -> Row:
    day, month = published(document)
    return _without_nulls(
        {"id": document, "url": address, "evidence": is_evidence(document), "publishedOn": day, "publishedIn": month}
    )


def _technique_row(record: Record) -> Row:
    return {"id": record.uuid, "attackId": record.attack_id, "name": record.name}


def _relationships(pairs: Iterable[tuple[str, str]]) -> list[Row]:
    return [{"source": source, "target": target} for source, target in sorted(pairs)]


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value), None)


def _without_nulls(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value is not None}
