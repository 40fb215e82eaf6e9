"""Manifests against a slow reading of spec/pcq-v1.md, 2 to 7, and against the independent verifier."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pcq_verify import verify
from runbooks.errors import LedgerError, PermanentPortError, ProverFailedError
from runbooks.execution import Execution
from runbooks.manifest import PCQManifestBuilder, blocking_proof
from runbooks.merkle import leaf_hash, merkle_root

from services.runbooks.tests.example import COUNT, FIND, ROWS, example, example_world
from services.runbooks.tests.simulator import SALT_KEY, World, define, rejected, step

J = rfc8785.dumps


def H(data: bytes) -> bytes:  # noqa: N802
    return hashlib.sha256(data).digest()


def S(data: bytes) -> str:  # noqa: N802
    return "sha256:" + data.hex()


def naive_root(data: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word by word."""
    if not data:
        return H(b"")
    if len(data) == 1:
        return H(b"\x00" + data[0])
    k = 1
    while k * 2 < len(data):
        k *= 2
    return H(b"\x01" + naive_root(data[:k]) + naive_root(data[k:]))


def pae(kind: str, body: bytes) -> bytes:
    name = f"application/vnd.pcq.{kind}.v1+json"
    return f"DSSEv1 {len(name)} {name} {len(body)} ".encode() + body


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_tree_hash_is_that_of_the_rfc(data: list[bytes]) -> None:
    assert merkle_root([leaf_hash(item) for item in data]) == naive_root(data)


@pytest.mark.conformance
def test_the_tree_hash_agrees_with_the_public_vectors(vectors: Callable[[str], Path]) -> None:
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in leaves]
    sizes = set()
    for path in (vectors("merkle-transparency-dev") / "testdata").glob("*/*/happy-path.json"):
        probe = json.loads(path.read_bytes())
        pairs = [("treeSize", "root"), ("size1", "root1"), ("size2", "root2")]
        for size, root in ((probe[size], probe[root]) for size, root in pairs if size in probe):
            assert merkle_root(hashes[:size]) == base64.b64decode(root)
            sizes.add(size)
        if "leafIdx" in probe:
            assert hashes[probe["leafIdx"]] == base64.b64decode(probe["leafHash"])
    assert sizes == {1, 2, 3, 5, 6, 7, 8}


async def ran(world: World, **changes: Any) -> Execution:
    runner = world.runner()
    execution = await runner.execute(example(**changes), {}, executed_by="ann", purpose="enrichment")
    return await rejected(runner, execution)


def built(execution: Execution, *, record_of_block: bool = False) -> dict[str, Any]:
    return PCQManifestBuilder(execution, SALT_KEY).build(record_of_block=record_of_block)


HEADER = {
    *("pcq", "manifestId", "runbookId", "version", "executionId", "executedAt", "executedBy", "outcome", "context"),
    *("contextHash", "stepCount", "chainHead", "merkleRoot", "observationsRoot", "stepSignaturesRoot"),
    *("approvalsRoot", "keyid", "trustVersion", "executionSeq", "previousManifestHash", "logOrigin", "startEntry"),
    *("extensions", "critical"),
}


async def test_the_header_is_what_the_specification_says(memory_path: Path) -> None:
    world = example_world(memory_path)
    execution = await ran(world)
    assert execution.started is not None
    manifest = built(execution)
    header = {name: value for name, value in manifest.items() if name in HEADER}
    assert set(manifest) == HEADER | {"steps", "materials", "approvals", "signature"}
    steps = manifest["steps"]
    hashes = [item["attestation"]["attestationHash"] for item in steps]
    start = world.ports().ledger.entries(execution.started.execution_id)[0]
    assert header == {
        "pcq": "manifest/v1",
        "manifestId": manifest["manifestId"],
        "runbookId": "R",
        "version": "1",
        "executionId": execution.started.execution_id,
        "executedAt": execution.started.at,
        "executedBy": "ann",
        "outcome": "completed",
        "context": execution.started.context,
        "contextHash": S(H(J(execution.started.context))),
        "stepCount": 8,
        "chainHead": hashes[-1],
        "merkleRoot": S(naive_root([J(item.sealed.core) for item in sealed_runs(execution)])),
        "observationsRoot": S(naive_root([J([item["stepId"], item["observed"]]) for item in steps])),
        "stepSignaturesRoot": S(naive_root([J(signature_of(item)) for item in steps])),
        "approvalsRoot": S(H(b"")),
        "keyid": S(H(world.manifest_key.public_key)),
        "trustVersion": 1,
        "executionSeq": 1,
        "previousManifestHash": None,
        "logOrigin": "test",
        "startEntry": start.entry_hash,
        "extensions": {},
        "critical": [],
    }
    signature = base64.b64decode(manifest["signature"].removeprefix("base64:"))
    Ed25519PublicKey.from_public_bytes(world.manifest_key.public_key).verify(signature, pae("manifest", J(header)))


def sealed_runs(execution: Execution) -> list[Any]:
    return [execution.steps[item.step_id] for item in execution.plan.steps]


def signature_of(item: dict[str, Any]) -> list[str]:
    return [item["stepId"], item["attestation"]["keyid"], item["attestation"]["signature"]]


async def test_steps_come_in_sealing_order_and_chain_from_one_to_the_next(memory_path: Path) -> None:
    execution = await ran(example_world(memory_path))
    steps = built(execution)["steps"]
    assert [item["stepId"] for item in steps] == [
        *("count", "find", "ask", "group", "write", "check", "summarise", "export")
    ]
    by_name = {item["stepId"]: item["attestation"]["attestationHash"] for item in steps}
    previous = None
    for item, declared in zip(steps, execution.plan.steps, strict=True):
        made = item["attestation"]
        assert made["previousAttestationHash"] == previous
        assert made["dependsOn"] == [by_name[name] for name in declared.depends_on]
        assert made["timestamp"] == execution.started.context["logicalTime"]  # type: ignore[union-attr]
        previous = made["attestationHash"]


async def test_the_context_names_everything_that_the_outcome_depends_on(memory_path: Path) -> None:
    execution = await ran(example_world(memory_path))
    manifest = built(execution)
    context, materials = manifest["context"], manifest["materials"]
    assert set(context) == {
        *("pcq", "runbookId", "version", "runbookDigest", "logicalTime", "seed", "purpose", "parametersDigest"),
        *("steps", "provers", "policies", "licences", "models", "schemas", "engines"),
    }
    assert context["purpose"] == "enrichment"
    assert context["engines"] == {"expressions": "jsonatapy 2.2.13", "policies": "regopy 1.5.2"}
    assert context["steps"] == [
        {"stepId": item.step_id, "dependsOn": list(item.depends_on)} for item in execution.plan.steps
    ]
    for name in ("runbookDigest", "provers", "policies", "licences", "parametersDigest"):
        assert S(H(materials[context[name]]["text"].encode())) == context[name]
    assert len(materials) == 5


async def test_each_manifest_names_the_one_before_it_and_counts_on(memory_path: Path) -> None:
    world = example_world(memory_path)
    other = define(step("t", "transform", expression="1"), runbookId="other")
    manifests = []
    for _ in range(3):
        manifests.append(built(await ran(world)))
        await world.runner().execute(other, {}, executed_by="ann")
    assert [manifest["executionSeq"] for manifest in manifests] == [1, 2, 3]
    hashes = [S(H(pae("manifest", J({name: manifest[name] for name in HEADER})))) for manifest in manifests]
    assert [manifest["previousManifestHash"] for manifest in manifests] == [None, *hashes[:2]]
    assert len({manifest["executionId"] for manifest in manifests}) == 3


async def test_a_manifest_is_built_to_the_same_bytes_every_time_and_by_every_process(memory_path: Path) -> None:
    world = example_world(memory_path)
    execution = await ran(world)
    assert execution.started is not None
    again = world.runner().manifest(execution.started.execution_id)
    assert J(again.build()) == J(built(execution)) == J(built(execution))


async def test_the_exported_file_is_the_canonical_form_and_nothing_else(memory_path: Path) -> None:
    execution = await ran(example_world(memory_path / "home"))
    path = memory_path / "m.pcq"
    assert PCQManifestBuilder(execution, SALT_KEY).export_to_file(path) == path
    assert path.read_bytes() == J(built(execution))
    assert names_in(memory_path) == ["home", "m.pcq"]


def names_in(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


async def test_large_values_travel_as_materials(memory_path: Path) -> None:
    rows = [{"id": f"e{number}", "name": "n" * 90} for number in range(1_000)]
    world = example_world(memory_path, graph={FIND: [rows]})
    manifest = built(await ran(world))
    [marker] = [item["attestation"]["outputs"] for item in manifest["steps"] if item["stepId"] == "find"]
    assert set(marker) == {"$digest", "size", "mediaType"}
    assert json.loads(manifest["materials"][marker["$digest"]]["text"]) == sorted(rows, key=J)
    assert verify(J(manifest), world.trust()).exit_code == 0


OUTCOMES: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "completed": ({}, "completed", {}),
    "blocked": (
        {"filled": 1},
        "blocked",
        {"write": "blocked", "check": "not-run", "summarise": "not-run", "export": "not-run"},
    ),
    "failed": (
        {"graph": {COUNT: [PermanentPortError("no such label", code="graph.syntax")]}},
        "failed",
        {"count": "failed", "export": "not-run"},
    ),
}


@pytest.mark.parametrize(("world_of", "outcome", "steps"), OUTCOMES.values(), ids=OUTCOMES)
async def test_every_outcome_verifies_and_is_what_the_manifest_says(
    world_of: dict[str, Any], outcome: str, steps: dict[str, str], memory_path: Path
) -> None:
    world = example_world(memory_path, **world_of)
    manifest = built(await ran(world), record_of_block=True)
    assert manifest["outcome"] == outcome
    found = {item["stepId"]: item["attestation"]["outcome"] for item in manifest["steps"]}
    assert {name: found[name] for name in steps} == steps
    report = verify(J(manifest), world.trust())
    assert report.exit_code == 0, report


async def test_a_blocked_execution_has_no_clean_manifest_and_the_error_names_step_prover_and_reason(
    memory_path: Path,
) -> None:
    execution = await ran(example_world(memory_path, filled=1))
    with pytest.raises(ProverFailedError):
        PCQManifestBuilder(execution, SALT_KEY).build()
    with pytest.raises(ProverFailedError) as caught:
        PCQManifestBuilder(execution, SALT_KEY).export_to_file(memory_path / "m.pcq")
    assert all(word in str(caught.value) for word in ("write", "kpi:filled>=0.9", "metric.not_met"))
    assert not (memory_path / "m.pcq").exists()
    blocked = blocking_proof(execution)
    assert blocked is not None
    assert (blocked[0], blocked[1]["prover"]) == ("write", "kpi:filled>=0.9")
    assert built(execution, record_of_block=True)["outcome"] == "blocked"


async def test_a_failed_execution_has_a_manifest_that_says_so(memory_path: Path) -> None:
    world = example_world(memory_path, graph={COUNT: [PermanentPortError("no", code="graph.syntax")]})
    assert built(await ran(world))["outcome"] == "failed"


async def test_an_execution_that_has_not_ended_has_no_manifest(memory_path: Path) -> None:
    world = example_world(memory_path)
    execution, _ = world.runner().start(example(), {}, executed_by="ann")
    with pytest.raises(LedgerError) as caught:
        built(execution)
    assert caught.value.code == "manifest.unfinished"


@pytest.mark.parametrize("member", ["inputs", "outputs", "preconditions", "postconditions", "outcome"])
async def test_a_record_that_contradicts_its_seals_is_refused(member: str, memory_path: Path) -> None:
    execution = await ran(example_world(memory_path))
    item = execution.steps["write"]
    changed = {"inputs": [*ROWS], "outputs": {"updated": 3}, "outcome": "failed"}
    setattr(item, member, changed.get(member, []))
    with pytest.raises(LedgerError) as caught:
        built(execution)
    assert caught.value.code == "record.tampered"
    assert "write" in str(caught.value)


async def test_another_salt_key_does_not_give_the_sealed_cores(memory_path: Path) -> None:
    execution = await ran(example_world(memory_path))
    with pytest.raises(LedgerError, match="does not give the sealed core"):
        PCQManifestBuilder(execution, bytes(32)).build()
