"""R1 through the command line, on real parts: figures, gates, proofs and replays."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from runbooks.canonical import digest_of

from services.runbooks.tests.endtoend.conftest import SEED, Proof, pcq_verify, runbooks

pytestmark = pytest.mark.real


def test_the_seed_runbook_runs_unchanged_and_verifies(seed_r1: Proof) -> None:
    manifest = seed_r1.manifest
    assert manifest["outcome"] == "completed"
    assert manifest["executedBy"] == "agent-456"
    assert manifest["context"]["runbookDigest"] == digest_of(json.loads(SEED.read_bytes()))
    assert [step["stepId"] for step in manifest["steps"]] == [
        "query-entities",
        "fetch-external-data",
        "update-entities",
        "assert-completeness",
    ]
    ended = pcq_verify(seed_r1)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "✅ Proofs verified")


def test_demo_r1_raises_completeness_from_0_598_to_0_992_by_field_and_to_0_976_by_entity(demo_r1: Proof) -> None:
    outputs = demo_r1.step("summarise")["attestation"]["outputs"]
    assert outputs["completenessByField"] == {"before": 0.598, "after": 0.992}
    assert outputs["completenessByEntity"] == {"before": 0, "after": 0.976}
    assert outputs["entities"] == 208
    [holes] = [claim for claim in outputs["claims"] if claim["claimId"] == "holes"]
    assert holes["value"] == 5
    assert pcq_verify(demo_r1).code == 0


def test_the_exported_file_is_the_one_that_the_proof_names(demo_r1: Proof) -> None:
    outputs = demo_r1.step("export-summary")["attestation"]["outputs"]
    data = (demo_r1.home / "exports" / demo_r1.execution_id / outputs["file"]).read_bytes()
    assert outputs["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()
    assert outputs["size"] == len(data)


def test_the_country_variant_is_blocked_rolled_back_and_exports_nothing(blocked_country: Proof) -> None:
    mutation = blocked_country.step("update-entities")
    [proof] = mutation["proofs"]["postconditions"]
    assert (proof["result"], proof["reason"]) == ("fail", "metric.not_met")
    assert round(proof["evidence"]["value"], 3) == 0.464
    assert mutation["attestation"]["outcome"] == "blocked"
    assert mutation["attestation"]["outputs"] == {"updated": 0}
    assert blocked_country.step("export-summary")["attestation"]["outcome"] == "not-run"
    assert not (blocked_country.home / "exports" / blocked_country.execution_id).exists()
    again = runbooks(blocked_country.home, "run", "R1-country")
    assert again.code == 3
    assert "measured 0.464" in again.out, "the first run's change must have been rolled back"


def test_a_blocked_execution_has_no_clean_proof_but_a_record_that_says_so(
    blocked_country: Proof, tmp_path: Path
) -> None:
    path = tmp_path / "clean.pcq"
    refused = runbooks(blocked_country.home, "manifest", blocked_country.execution_id, "--output", str(path))
    assert refused.code == 3
    assert "kpi:" in refused.err
    assert "metric.not_met" in refused.err
    assert not path.exists()
    ended = pcq_verify(blocked_country)
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "✅ Proofs verified"
    assert "blocked" in ended.out.splitlines()[-2]
    assert "update-entities" in ended.out.splitlines()[-2]


def test_a_prover_that_nobody_defined_denies_and_is_named(sample_home: Path, tmp_path: Path) -> None:
    shipped = SEED.parents[2] / "policies"
    policies = tmp_path / "policies"
    policies.mkdir()
    for path in shipped.iterdir():
        (policies / path.name).write_bytes(path.read_bytes())
    (policies / "provers.json").write_text('{"preconditions": {}, "postconditions": {}}')
    settings = json.loads((sample_home / "settings.json").read_bytes())
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps({**settings, "policies": str(policies)}))
    assert runbooks(home, "import-demo", "--sample").code == 0
    ended = runbooks(home, "run", str(SEED), "--as", "agent-456")
    assert ended.code == 3
    assert "authority:write_entities" in ended.err, "a warning when it is loaded"
    assert "prover authority:write_entities is defined neither by the runbook nor by this installation" in ended.out


@pytest.mark.parametrize("number", range(5))
def test_a_replay_gives_the_identical_root_in_any_environment(demo_r1: Proof, number: int) -> None:
    zones = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Europe/Zurich"]
    environment = {
        "TZ": zones[number],
        "PYTHONHASHSEED": str(number * 7919),
        "LC_ALL": ["C", "C.UTF-8"][number % 2],
    }
    ended = runbooks(demo_r1.home, "replay", demo_r1.execution_id, environment=environment)
    assert ended.code == 0, ended.out + ended.err
    assert ended.out.splitlines()[-1] == f"identical {demo_r1.manifest['merkleRoot']}"


def test_the_ledgers_are_intact(seed_r1: Proof, blocked_country: Proof) -> None:
    for home in (seed_r1.home, blocked_country.home):
        assert runbooks(home, "fsck").out.startswith("ledger intact")
