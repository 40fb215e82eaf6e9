"""Commitments, cores, hashes and signatures, against a slow reading of spec/pcq-v1.md, 4."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.adapters.keys import KeySigner
from runbooks.attestation import Attestation, AttestationManager, StepRecord, run_key

CONTEXT = "sha256:" + "c" * 64
TIME = "2026-03-01T12:00:00Z"
INSTALLATION_KEY = bytes(range(32))
LIMIT = 65_536

# The notation of the specification.
J = rfc8785.dumps


def H(data: bytes) -> bytes:  # noqa: N802
    return hashlib.sha256(data).digest()


def S(data: bytes) -> str:  # noqa: N802
    return "sha256:" + data.hex()


def B(data: bytes) -> str:  # noqa: N802
    return "base64:" + base64.b64encode(data).decode()


K = hmac.digest(INSTALLATION_KEY, J(["pcq-run-v1", CONTEXT]), "sha256")


def naive_fields(section: str, value: Any) -> dict[str, Any]:
    if section == "proofs":
        found = {}
        for phase in ("preconditions", "postconditions"):
            for number, proof in enumerate(value[phase]):
                found[f"{phase}/{number}"] = {name: item for name, item in proof.items() if name != "evidence"}
                found[f"{phase}/{number}/evidence"] = proof["evidence"]
        return found
    if isinstance(value, dict) and not any(name.startswith("$") for name in value):
        return {name: naive_detached(item) for name, item in value.items()}
    return {"$": naive_detached(value)}


def naive_detached(value: Any) -> Any:
    is_marker = isinstance(value, dict) and ("$digest" in value or "$redacted" in value)
    if len(J(value)) <= LIMIT and not is_marker:
        return value
    return {"$digest": S(H(J(value))), "size": len(J(value)), "mediaType": "application/json"}


def naive_salt(step: str, section: str, key: str) -> bytes:
    return hmac.digest(K, J(["pcq-salt-v1", CONTEXT, step, section, key]), "sha256")[:16]


def naive_commit(step: str, section: str, value: Any) -> str:
    fields = {}
    for key, item in naive_fields(section, value).items():
        data = b"pcq-field-v1" + b"\x00" + naive_salt(step, section, key) + J([step, section, key, item])
        fields[key] = S(H(data))
    return S(H(b"pcq-section-v1" + b"\x00" + J(fields)))


def naive_core(record: StepRecord, previous: str | None, hashes: dict[str, str]) -> dict[str, Any]:
    proofs = {"preconditions": record.preconditions, "postconditions": record.postconditions}
    return {
        "pcq": "step/v1",
        "context": CONTEXT,
        "stepId": record.step_id,
        "index": record.index,
        "count": record.count,
        "outcome": record.outcome,
        "dependsOn": [hashes[name] for name in record.depends_on],
        "inputs": naive_commit(record.step_id, "inputs", record.inputs),
        "outputs": naive_commit(record.step_id, "outputs", record.outputs),
        "proofs": naive_commit(record.step_id, "proofs", proofs),
        "timestamp": TIME,
        "previousAttestationHash": previous,
    }


def record(**members: Any) -> StepRecord:
    found: dict[str, Any] = {
        "step_id": "b",
        "index": 1,
        "count": 3,
        "outcome": "done",
        "depends_on": ["a", "Z"],
        "inputs": {},
        "outputs": {},
        "preconditions": [],
        "postconditions": [],
        **members,
    }
    return StepRecord(**found)


HASHES = {"a": S(H(b"a")), "Z": S(H(b"Z"))}
SIGNER = KeySigner(b"s" * 32)


def attest(item: StepRecord, previous: str | None = HASHES["a"]) -> Attestation:
    manager = AttestationManager(CONTEXT, TIME, run_key(INSTALLATION_KEY, CONTEXT), SIGNER)
    return manager.create_attestation(item, previous, HASHES)


names = st.sampled_from(["a", "b/c", "é", "", "$", "$digest", "$redacted", "x$"])
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9), st.text("aé\x00\U0001f600", max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
proofs = st.lists(
    st.fixed_dictionaries({"prover": names, "result": st.sampled_from(["pass", "fail"]), "evidence": values}),
    max_size=3,
)


@settings(max_examples=200, deadline=None)
@given(values, values, proofs, proofs, st.sampled_from([None, HASHES["Z"]]))
def test_an_attestation_is_what_the_specification_says(
    inputs: Any, outputs: Any, before: Any, after: Any, previous: str | None
) -> None:
    item = record(inputs=inputs, outputs=outputs, preconditions=before, postconditions=after)
    made = attest(item, previous)
    core = naive_core(item, previous, HASHES)
    assert made.core == core
    assert made.attestation_hash == S(H(b"\x00" + J(core)))
    assert made.keyid == S(H(SIGNER.public_key))
    body = J(core)
    kind = b"application/vnd.pcq.step.v1+json"
    message = b"DSSEv1 " + str(len(kind)).encode() + b" " + kind + b" " + str(len(body)).encode() + b" " + body
    signature = base64.b64decode(made.signature.removeprefix("base64:"))
    Ed25519PublicKey.from_public_bytes(SIGNER.public_key).verify(signature, message)


@settings(max_examples=100, deadline=None)
@given(values, proofs)
def test_there_is_a_salt_for_each_field_and_for_nothing_else(value: Any, after: Any) -> None:
    made = attest(record(inputs=value, outputs=value, postconditions=after))
    for section, shown in (
        ("inputs", value),
        ("outputs", value),
        ("proofs", {"preconditions": [], "postconditions": after}),
    ):
        fields = naive_fields(section, shown)
        assert made.sections[section].salts == {key: B(naive_salt("b", section, key)) for key in fields}


def text_of(size: int) -> str:
    """A text whose RFC 8785 form has that many bytes."""
    return "a" * (size - 2)


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
def test_a_value_up_to_the_limit_is_shown(size: int) -> None:
    for value in (text_of(size), [text_of(size - 2)], {"m": text_of(size - 6)}):
        assert len(J(value)) == size
        made = attest(record(outputs={"value": value})).sections["outputs"]
        assert (made.shown, made.detached) == ({"value": value}, {})


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 4])
def test_a_larger_value_is_detached_and_its_marker_committed_to(size: int) -> None:
    for value in (text_of(size), [text_of(size - 2)], {"m": text_of(size - 6)}, ["é" * (size // 2)]):
        made = attest(record(outputs={"value": value, "other": 1}))
        name = S(H(J(value)))
        marker = {"$digest": name, "size": len(J(value)), "mediaType": "application/json"}
        assert made.sections["outputs"].shown == {"value": marker, "other": 1}
        assert made.sections["outputs"].detached == {name: J(value)}
        assert made.core["outputs"] == naive_commit("b", "outputs", {"value": value, "other": 1})


def test_a_whole_value_that_is_no_object_is_one_field_and_detached_as_one() -> None:
    rows = [{"n": number} for number in range(10_000)]
    made = attest(record(outputs=rows)).sections["outputs"]
    assert made.shown == {"$digest": S(H(J(rows))), "size": len(J(rows)), "mediaType": "application/json"}
    assert list(made.salts) == ["$"]
    small = attest(record(outputs=rows[:2])).sections["outputs"]
    assert (small.shown, list(small.salts)) == (rows[:2], ["$"])


@pytest.mark.parametrize(
    "marker",
    [{"$digest": "sha256:0", "size": 1, "mediaType": "x"}, {"$redacted": "sha256:0"}, {"$digest": None, "more": 1}],
)
def test_a_recorded_value_never_passes_for_a_marker(marker: Any) -> None:
    own = {"$digest": S(H(J(marker))), "size": len(J(marker)), "mediaType": "application/json"}
    as_field = attest(record(outputs={"value": marker})).sections["outputs"]
    assert (as_field.shown, as_field.detached) == ({"value": own}, {S(H(J(marker))): J(marker)})
    as_whole = attest(record(outputs=marker)).sections["outputs"]
    assert (as_whole.shown, list(as_whole.salts)) == (own, ["$"])
    assert as_whole.detached == {S(H(J(marker))): J(marker)}


def test_an_object_with_another_name_that_begins_with_a_dollar_is_one_field() -> None:
    made = attest(record(outputs={"$x": 1, "y": 2})).sections["outputs"]
    assert (made.shown, list(made.salts), made.detached) == ({"$x": 1, "y": 2}, ["$"], {})


def test_evidence_is_committed_to_apart_from_its_proof() -> None:
    proof = {"prover": "p", "result": "pass", "evidence": {"row": {"n": 1}}}
    other = {**proof, "evidence": {"row": {"n": 2}}}
    one, two = (attest(record(postconditions=[item])).sections["proofs"] for item in (proof, other))
    assert set(one.salts) == {"postconditions/0", "postconditions/0/evidence"}
    assert one.hash != two.hash
    assert one.detached == {}


def test_large_evidence_is_not_detached() -> None:
    proof = {"prover": "p", "result": "pass", "evidence": {"row": text_of(LIMIT * 2)}}
    made = attest(record(postconditions=[proof]))
    assert made.sections["proofs"].detached == {}
    assert made.core["proofs"] == naive_commit("b", "proofs", {"preconditions": [], "postconditions": [proof]})


def test_equal_values_of_two_steps_have_unequal_commitments() -> None:
    one, two = attest(record(outputs={"a": 1})), attest(record(step_id="c", outputs={"a": 1}))
    assert one.core["outputs"] != two.core["outputs"]
    assert one.core["inputs"] == attest(record(outputs={"a": 2})).core["inputs"]


def test_without_a_signer_nothing_passes_for_a_record() -> None:
    manager = AttestationManager(CONTEXT, TIME, run_key(INSTALLATION_KEY, CONTEXT))
    made = manager.create_attestation(record(), None, HASHES)
    assert (made.keyid, made.signature) == ("", "")
    assert made.core == attest(record(), None).core


def test_the_key_of_the_salts_belongs_to_one_execution() -> None:
    assert run_key(INSTALLATION_KEY, CONTEXT) == K
    assert run_key(INSTALLATION_KEY, CONTEXT[:-1] + "d") != K
    assert run_key(bytes(32), CONTEXT) != K
