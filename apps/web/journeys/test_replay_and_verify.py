"""Replay and verify, by keyboard alone: the same root again, and a proof that is judged in the page."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from apps.web.journeys.choosing import choose
from apps.web.journeys.conftest import SignIn
from apps.web.journeys.looking import axe
from apps.web.journeys.service import ROOT, Service

VECTORS = ROOT / "spec" / "vectors"
LONG_MS = 60_000


@pytest.fixture(scope="module")
def execution(service: Service) -> str:
    """R1, done."""
    return service.run("R1")


@pytest.fixture
def proof(service: Service, execution: str, tmp_path: Path) -> Path:
    """Its proof, in a file."""
    headers = {"Authorization": f"Bearer {service.tokens['analyst']}"}
    answer = httpx.get(f"{service.url}/runbooks/{execution}/manifest.pcq", headers=headers, trust_env=False)
    path = tmp_path / f"{execution}.pcq"
    path.write_bytes(answer.raise_for_status().content)
    return path


@pytest.fixture
def trust(service: Service, tmp_path: Path) -> Path:
    """The trust file of the service."""
    headers = {"Authorization": f"Bearer {service.tokens['analyst']}"}
    path = tmp_path / "trust.json"
    path.write_bytes(httpx.get(f"{service.url}/trust", headers=headers, trust_env=False).raise_for_status().content)
    return path


def verdict(page: Page) -> Any:
    return page.get_by_role("status", name="Verdict")


def test_a_replay_gives_the_same_root_three_times(operator: Page, execution: str) -> None:
    operator.goto(f"/console/executions/{execution}/replay")
    start = operator.get_by_role("button", name="Start replay")
    expect(start).to_be_visible()
    axe(operator)
    operator.get_by_label("Times").focus()
    operator.keyboard.press("3")
    start.focus()
    operator.keyboard.press("Enter")
    band = verdict(operator)
    expect(band).to_contain_text("IDENTICAL", timeout=LONG_MS)
    expect(band).to_contain_text("8 of 8 steps byte-equal")
    expect(band).to_contain_text("3 replays")
    expect(band).to_contain_text("Reached twice")
    axe(operator)


def test_the_services_proof_holds_in_the_page(operator: Page, execution: str) -> None:
    operator.goto(f"/console/verify?execution={execution}")
    expect(operator.get_by_text("THE PROOF HOLDS").first).to_be_visible(timeout=LONG_MS)
    expect(operator.get_by_text("This does NOT show").first).to_be_visible()
    axe(operator)


def test_a_stranger_verifies_offline_and_nothing_leaves_the_tab(sign_in: SignIn, proof: Path, trust: Path) -> None:
    page = sign_in(None)
    page.goto("/console/verify")
    page.wait_for_load_state("networkidle")
    axe(page)
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url))
    page.context.set_offline(True)
    choose(page, proof, trust)
    expect(page.get_by_text("THE PROOF HOLDS").first).to_be_visible(timeout=LONG_MS)
    assert [url for url in sent if "/console/assets/" not in url] == [], "the next worker's script, and no data"


def tampered(proof: Path) -> bytes:
    """The same proof with one digit of one output changed."""
    data = proof.read_bytes()
    place = data.index(b'"updated":') + len(b'"updated":')
    return data[:place] + (b"1" if data[place : place + 1] != b"1" else b"2") + data[place + 1 :]


def test_one_changed_digit_does_not_hold_and_the_step_is_named(sign_in: SignIn, proof: Path, trust: Path) -> None:
    page = sign_in(None)
    page.goto("/console/verify")
    proof.write_bytes(tampered(proof))
    choose(page, proof, trust)
    expect(page.get_by_text("DOES NOT HOLD").first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("update-entities").first).to_be_visible()
    axe(page)


def test_without_keys_the_signer_is_unknown(sign_in: SignIn, proof: Path) -> None:
    page = sign_in(None)
    page.goto("/console/verify")
    choose(page, proof)
    expect(page.get_by_text("SIGNER UNKNOWN").first).to_be_visible(timeout=LONG_MS)


def test_an_auditor_verifies_a_proof_without_reading_a_value(auditor: Page, execution: str) -> None:
    auditor.goto(f"/console/verify?execution={execution}")
    expect(auditor.get_by_text(re.compile("the proof holds", re.IGNORECASE)).first).to_be_visible(timeout=LONG_MS)
    auditor.goto(f"/console/executions/{execution}?step=update-entities&tab=output")
    expect(auditor.get_by_role("tabpanel").last).to_contain_text(re.compile("may not|right|role"))
    axe(auditor)


REFUSED = {
    "65 MiB": (lambda proof: proof + b" " * (65 * 2**20), r"64 MiB"),
    "truncated": (lambda proof: proof[: len(proof) // 2], r"CANNOT BE CHECKED|DOES NOT HOLD"),
    "gzip": (gzip.compress, r"gzip"),
    "empty": (lambda proof: proof[:0], r"empty"),
    "another format": (
        lambda proof: json.dumps({"a": 1}).encode(),
        r"CANNOT BE CHECKED|DOES NOT HOLD|no proof|not a proof",
    ),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_file_that_is_no_proof_is_told_from_one_that_does_not_hold(damage: str, sign_in: SignIn, proof: Path) -> None:
    make, told = REFUSED[damage]
    page = sign_in(None)
    page.goto("/console/verify")
    bad = proof.with_name("bad.pcq")
    bad.write_bytes(make(proof.read_bytes()))
    choose(page, bad)
    expect(page.get_by_text(re.compile(told, re.IGNORECASE)).first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("THE PROOF HOLDS")).to_have_count(0)
    axe(page)
