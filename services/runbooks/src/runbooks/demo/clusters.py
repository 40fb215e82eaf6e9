"""Reads the seven galaxy clusters that the demo is made of, from the installed `pymispgalaxies` package.

The package is found but not imported. Every file is checked against its SHA-256 before it is parsed, so the figures of
the demo are those of known bytes. Clusters under other terms (`malpedia`, `tidal-*`) are never read.
"""

from __future__ import annotations

__all__ = ["CLUSTERS", "Record", "clusters_folder", "read_clusters"]

import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from runbooks.errors import SettingsError

CLUSTERS = {
    "threat-actor": "aef0961313ff1ceef8efbe43049e9c33d61acea8cd01e387ef715302eae7842e",
    "mitre-intrusion-set": "6310c2345b3476571ef07f844f549b9ee6d971feb71b996455c33272154076fe",
    "mitre-malware": "6a29b52a2f7be08e52c86a3f16fa4cb58a5bad9ca461f11cd116840f16931bf4",
    "mitre-tool": "e385035e1bce9a79ad3096a9e718541e2b61129ae23f205a86f5cbdd14bb185d",
    "ransomware": "d19e231d7bf853f845d2952af3940ce00be2320f15737f3fd5d7866fb12e1962",
    "tool": "7c6808a069d061c5f59cfdd5c22dc77ea5ae23c03e79bf6d178e7230d8f8e168",
    "mitre-attack-pattern": "a511630d93616d7f9da10868ba25931a294669d54f4bbf318a41273866e4f501",
}

_PACKAGE = "pymispgalaxies"
_ATTACK_SUFFIX = re.compile(r" - [GST]\d+(?:\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Record:
    """One value of a cluster; `related` are (relation type, uuid), `says_more` is False for a bare name."""

    cluster: str
    uuid: str
    name: str
    description: str
    synonyms: tuple[str, ...]
    refs: tuple[str, ...]
    related: tuple[tuple[str, str], ...]
    attack_id: str | None
    platforms: tuple[str, ...]
    country: str | None
    says_more: bool


def clusters_folder() -> Path:
    """The folder of the cluster files; raises SettingsError when the package is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(f"the demo data come with the package {_PACKAGE}; install intelgraph-runbooks[demo]")
    return Path(spec.submodule_search_locations[0]) / "data" / "misp-galaxy" / "clusters"


def read_clusters(folder: Path | None = None) -> dict[str, tuple[Record, ...]]:
    """The records of each cluster, in file order, without those that ATT&CK has revoked.

    Raises SettingsError for a file that is missing or is not the pinned one.
    """
    folder = folder or clusters_folder()
    return {name: _records(name, _checked(folder / f"{name}.json", pinned)) for name, pinned in CLUSTERS.items()}


def _checked(path: Path, pinned: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}; install intelgraph-runbooks[demo]") from error
    found = hashlib.sha256(data).hexdigest()
    if found != pinned:
        raise SettingsError(f"{path}: expected SHA-256 {pinned}, got {found}; the demo needs exactly {_PACKAGE}==1.1.1")
    return data


def _records(cluster: str, data: bytes) -> tuple[Record, ...]:
    return tuple(_record(cluster, value) for value in orjson.loads(data)["values"] if not value.get("revoked"))


def _record(cluster: str, value: Mapping[str, Any]) -> Record:
    meta = value.get("meta", {})
    description = value.get("description", "").strip()
    return Record(
        cluster=cluster,
        uuid=value["uuid"],
        name=_ATTACK_SUFFIX.sub("", value["value"]),
        description=description,
        synonyms=tuple(meta.get("synonyms", ())),
        refs=tuple(meta.get("refs", ())),
        related=tuple((relation["type"], relation["dest-uuid"]) for relation in value.get("related", ())),
        attack_id=meta.get("external_id"),
        platforms=tuple(meta.get("mitre_platforms", ())),
        # One record has an empty country; it is the same as none.
        country=meta.get("country") or None,
        says_more=bool(description or meta),
    )
