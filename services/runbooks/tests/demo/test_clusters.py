"""Only the pinned bytes of the seven clusters are ever read."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from runbooks.demo.clusters import CLUSTERS, clusters_folder, read_clusters
from runbooks.errors import SettingsError


def test_a_changed_file_is_refused_and_named_with_both_digests(tmp_path: Path) -> None:
    for name in CLUSTERS:
        (tmp_path / f"{name}.json").write_bytes((clusters_folder() / f"{name}.json").read_bytes())
    changed = tmp_path / "tool.json"
    changed.write_bytes(changed.read_bytes() + b"\n")
    with pytest.raises(SettingsError) as refused:
        read_clusters(tmp_path)
    found = hashlib.sha256(changed.read_bytes()).hexdigest()
    for part in ("tool.json", CLUSTERS["tool"], found, "pymispgalaxies==1.1.1"):
        assert part in str(refused.value)


def test_a_missing_file_is_named_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"threat-actor\.json cannot be read.*intelgraph-runbooks\[demo\]"):
        read_clusters(tmp_path)


def test_without_the_package_the_error_says_which_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pymispgalaxies.*\[demo\]"):
        clusters_folder()


def test_clusters_under_other_terms_are_not_among_those_read() -> None:
    assert not [name for name in CLUSTERS if "malpedia" in name or "tidal" in name]
    assert len(CLUSTERS) == 7


def test_the_package_is_found_but_not_imported() -> None:
    code = "import sys; import runbooks.demo.clusters as c; c.read_clusters(); print('pymispgalaxies' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"


def test_what_attack_has_revoked_is_left_out() -> None:
    clusters = read_clusters()
    assert {name: len(records) for name, records in clusters.items()} == {
        "threat-actor": 864,
        "mitre-intrusion-set": 177,
        "mitre-malware": 780,
        "mitre-tool": 93,
        "ransomware": 2062,
        "tool": 605,
        "mitre-attack-pattern": 1000,
    }
    assert {record.name for record in clusters["mitre-malware"]} >= {"GoldMax", "Stuxnet"}
