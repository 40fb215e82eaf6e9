"""Nothing can be changed, dropped, doubled or moved without the verifier's saying so."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import scenarios
import small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring import jcs
from maker import fields, redact, reroot, seal, sign
from pcq_verify import verify
from review_maker import denied, say, trust_file

TRUST = jcs(trust_file())
FLIPS = 700

VALUES = {"a": {"$digest": "x"}, "b": 1, "c": True}
MANIFESTS = {
    "completed": jcs(scenarios.completed()),
    "blocked": jcs(scenarios.blocked()),
    "overridden": jcs(denied([say("opened"), say("info-requested"), say("info-given"), say("approved")])),
    "detached and redacted": jcs(redact(small.single(VALUES), "only", "outputs", "b")),
}
# Redaction keeps everything else from being derived again, so these are judged as far as their bytes go.
INTEGRITY_CODES = (1, 3, 6)


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_flipped_bit_is_refused(name: str) -> None:
    data = MANIFESTS[name]
    assert verify(data, TRUST, profile="disclosure").exit_code == 0
    dice = random.Random(name)
    for bit in dice.sample(range(len(data) * 8), FLIPS):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        report = verify(bytes(changed), TRUST, profile="disclosure")
        assert report.exit_code in INTEGRITY_CODES, f"bit {bit % 8} of byte {bit // 8}"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_change_of_bytes_is_noticed(data: st.DataObject) -> None:
    original = MANIFESTS["blocked"]
    start = data.draw(st.integers(0, len(original) - 1))
    removed = data.draw(st.integers(0, 40))
    inserted = data.draw(st.binary(max_size=40))
    changed = original[:start] + inserted + original[start + removed :]
    if changed != original:
        assert verify(changed, TRUST).exit_code in INTEGRITY_CODES


def moved(steps: list[Any]) -> Iterator[list[Any]]:
    """Every list with one step dropped, one doubled, or two swapped."""
    for index in range(len(steps)):
        yield steps[:index] + steps[index + 1 :]
        yield steps[: index + 1] + steps[index:]
        for other in range(index):
            swapped = list(steps)
            swapped[index], swapped[other] = swapped[other], swapped[index]
            yield swapped


def as_they_are(manifest: Any) -> Any:
    return manifest


def recounted_and_rerooted(manifest: Any) -> Any:
    manifest["stepCount"] = len(manifest["steps"])
    return reroot(manifest)


def rerooted_and_signed(manifest: Any) -> Any:
    return sign(recounted_and_rerooted(manifest))


@pytest.mark.parametrize("finish", [as_they_are, recounted_and_rerooted, rerooted_and_signed, seal])
def test_dropped_doubled_and_swapped_steps_are_refused(finish: Callable[[Any], Any]) -> None:
    original = json.loads(MANIFESTS["completed"])
    for steps in moved(original["steps"]):
        changed = finish(copy.deepcopy({**original, "steps": steps}))
        assert verify(jcs(changed), TRUST).exit_code == 1, [item["stepId"] for item in steps]


def test_outputs_of_two_steps_cannot_be_swapped_even_with_their_salts() -> None:
    for first in range(7):
        for second in range(first):
            manifest = json.loads(MANIFESTS["completed"])
            one, two = (manifest["steps"][index]["attestation"] for index in (first, second))
            one["outputs"], two["outputs"] = two["outputs"], one["outputs"]
            one["salts"]["outputs"], two["salts"]["outputs"] = two["salts"]["outputs"], one["salts"]["outputs"]
            assert verify(jcs(manifest), TRUST).exit_code == 1


def test_every_field_can_be_hidden_and_the_rest_still_holds() -> None:
    original = scenarios.completed()
    places = [
        (item["stepId"], section, key)
        for item in original["steps"]
        for section in ("inputs", "outputs", "proofs")
        for key in fields(item, section)
        if section != "proofs" or key.endswith("/evidence")
    ]
    assert len(places) > 20
    for place in places:
        hidden = redact(copy.deepcopy(original), *place)
        assert verify(jcs(hidden), TRUST, profile="disclosure").exit_code == 0, place
        assert verify(jcs(hidden), TRUST).exit_code == 5, place
    for place in places:
        original = redact(original, *place)
    assert verify(jcs(original), TRUST, profile="disclosure").exit_code == 0, "all at once"


def test_what_is_hidden_cannot_be_found_by_trying_all_values() -> None:
    from maker import field_digest

    manifest = redact(small.single({"guilty": True}), "only", "outputs", "guilty")
    text = jcs(manifest).decode()
    hidden = manifest["steps"][0]["attestation"]["outputs"]["guilty"]["$redacted"]
    for value in (True, False):
        for salt in (b"", bytes(16)):
            assert field_digest(salt, "only", "outputs", "guilty", value) != hidden
    assert "guilty" not in json.dumps(manifest["steps"][0]["attestation"]["salts"])
    assert text.count("guilty") == 1


@pytest.mark.parametrize("place", ["step only, outputs.b"])
def test_a_redaction_cannot_be_undone_with_another_value(place: str) -> None:
    manifest = json.loads(MANIFESTS["detached and redacted"])
    attestation = manifest["steps"][0]["attestation"]
    attestation["outputs"]["b"] = 2
    attestation["salts"]["outputs"]["b"] = attestation["salts"]["outputs"]["c"]
    assert verify(jcs(manifest), TRUST, profile="disclosure").exit_code == 1, place
