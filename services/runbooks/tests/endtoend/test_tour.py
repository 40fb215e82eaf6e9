"""docs/tour.md tells what happens: what it shows of replay and verification is what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.runbooks.tests.endtoend.conftest import Proof, pcq_verify, runbooks

pytestmark = pytest.mark.real

TOUR = Path(__file__).parents[4] / "docs" / "tour.md"


def shown(section: str) -> str:
    """The first block of that section."""
    text = TOUR.read_text("utf-8").partition(f"\n## {section}\n")[2]
    return text.split("```\n")[1]


def without_digest(text: str) -> str:
    return re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", text)


def test_the_verification_is_the_one_that_is_shown(seed_r1: Proof) -> None:
    command, _, output = shown("8. Verify").partition("\n")
    assert command == "$ pcq-verify .demo/R1.pcq --trust .demo/trust.json"
    assert pcq_verify(seed_r1).out == output


def test_the_replay_is_the_one_that_is_shown(seed_r1: Proof) -> None:
    replayed = runbooks(seed_r1.home, "replay", seed_r1.execution_id).out
    assert without_digest(replayed) == without_digest(shown("7. Replay"))
