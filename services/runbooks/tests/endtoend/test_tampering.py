"""Three real manifests, changed in every small way: all refused."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.canonical import dumps

from services.runbooks.tests.endtoend.conftest import Proof

pytestmark = pytest.mark.real

FLIPS = 2_000
PROOFS = ("seed_r1", "demo_r1", "blocked_country")


@pytest.fixture(params=PROOFS)
def proof(request: pytest.FixtureRequest) -> Proof:
    found: Proof = request.getfixturevalue(request.param)
    return found


def test_any_flipped_bit_is_refused(proof: Proof) -> None:
    data, trust = proof.path.read_bytes(), proof.trust.read_bytes()
    assert verify(data, trust).exit_code == 0
    dice = random.Random(len(data))
    for bit in dice.sample(range(len(data) * 8), FLIPS):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        assert verify(bytes(changed), trust).exit_code in (1, 3, 6), f"bit {bit % 8} of byte {bit // 8}"


def test_dropped_doubled_and_swapped_steps_are_refused(proof: Proof) -> None:
    trust = proof.trust.read_bytes()
    steps = proof.manifest["steps"]
    changes: list[list[Any]] = []
    for index in range(len(steps)):
        changes.append(steps[:index] + steps[index + 1 :])
        changes.append(steps[: index + 1] + steps[index:])
        for other in range(index):
            swapped = list(steps)
            swapped[index], swapped[other] = swapped[other], swapped[index]
            changes.append(swapped)
    for changed in changes:
        assert verify(_with(proof, steps=changed), trust).exit_code in (1, 6)
        fewer = _with(proof, steps=changed, stepCount=len(changed))
        assert verify(fewer, trust).exit_code in (1, 6)


def test_outputs_swapped_between_steps_are_refused(proof: Proof) -> None:
    trust, steps = proof.trust.read_bytes(), copy.deepcopy(proof.manifest["steps"])
    first, second = steps[0]["attestation"], steps[1]["attestation"]
    first["outputs"], second["outputs"] = second["outputs"], first["outputs"]
    assert verify(_with(proof, steps=steps), trust).exit_code in (1, 6)


def _with(proof: Proof, **members: Any) -> bytes:
    return dumps({**proof.manifest, **members})
