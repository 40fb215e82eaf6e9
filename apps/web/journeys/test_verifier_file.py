"""`verify.html` as an auditor uses it: opened from a disk, by keyboard alone, in a browser that reaches nothing."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.web.journeys.choosing import choose
from apps.web.journeys.conftest import SignIn
from apps.web.journeys.looking import axe
from apps.web.journeys.service import DIST, ROOT, without_console
from apps.web.journeys.watching import Watch
from services.runbooks.tests.real import require

VECTORS = ROOT / "spec" / "vectors"
TRUST = VECTORS / "trust" / "trust.json"
PROOF = VECTORS / "valid" / "completed.pcq"
LONG_MS = 60_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The built file, in a folder of its own."""
    require("the verifier in one file", without_console())
    return Path(shutil.copy(DIST / "verify.html", tmp_path / "verify.html"))


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """The file, opened without a network. It fails a test that asks for anything but the file and the worker in it."""
    context = browser.new_context(
        locale="en-GB", timezone_id="UTC", reduced_motion="reduce", color_scheme="light", accept_downloads=True
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watch = Watch(context, "blob:null", file.as_uri())
    context.set_offline(True)
    opened = context.new_page()
    opened.goto(file.as_uri())
    expect(opened.get_by_role("heading", level=1)).to_have_text("Verify a proof")
    yield opened
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


def tell(page: Page, words: str) -> None:
    expect(page.get_by_role("region", name="Verdict").get_by_role("heading")).to_have_text(words, timeout=LONG_MS)


def test_a_proof_holds_and_its_report_is_taken_along(page: Page) -> None:
    axe(page)
    choose(page, PROOF, TRUST)
    tell(page, "The proof holds")
    axe(page)
    expect(page.get_by_role("radio")).to_have_count(2)
    expect(page.get_by_role("radio", name=re.compile("keys of the file trust.json"))).to_be_checked()
    page.get_by_role("button", name="Copy report").press("Enter")
    expect(page.get_by_text("The report was copied.")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()").startswith("THE PROOF HOLDS\n")
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON", exact=True).press("Enter")
    report = json.loads(download.value.path().read_text("utf-8"))
    assert report["verdict"] == "holds"
    assert report["fileDigest"] == f"sha256:{hashlib.sha256(PROOF.read_bytes()).hexdigest()}"
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").press("Enter")
    expect(page).to_have_title("printed")


def test_one_changed_digit_does_not_hold_and_the_key_leads_to_it(page: Page, tmp_path: Path) -> None:
    data = PROOF.read_bytes()
    place = data.index(b'"completeness":') + len(b'"completeness":')
    bad = tmp_path / "tampered.pcq"
    bad.write_bytes(data[:place] + (b"1" if data[place : place + 1] != b"1" else b"0") + data[place + 1 :])
    choose(page, bad, TRUST)
    tell(page, "Does not hold")
    # First, as it takes a moment: the key is heard once the page has settled.
    axe(page)
    page.keyboard.press("]")
    expect(page.locator("[data-finding]:focus")).to_be_visible()


def test_without_a_trust_file_the_signer_is_unknown_and_no_key_comes_from_the_proof(page: Page) -> None:
    choose(page, PROOF)
    tell(page, "Holds, signer unknown")
    expect(page.get_by_role("radio", name=re.compile("choose one above"))).to_be_disabled()
    expect(page.get_by_text("Keys are never taken from the proof itself.")).to_be_visible()
    axe(page)
    # The keys come later, and the verdict with them.
    page.get_by_label("Files to verify").set_input_files([str(TRUST)])
    tell(page, "The proof holds")


def test_a_proof_is_dropped_on_it(page: Page) -> None:
    files = [[path.name, path.read_text("utf-8")] for path in (PROOF, TRUST)]
    page.evaluate(
        """files => {
          const data = new DataTransfer();
          for (const [name, text] of files) data.items.add(new File([text], name));
          const zone = document.querySelector('input[type=file]').parentElement;
          zone.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        files,
    )
    tell(page, "The proof holds")


def test_all_that_is_needed_is_reached_by_tab(page: Page) -> None:
    choose(page, PROOF, TRUST)
    tell(page, "The proof holds")
    names = set()
    page.locator("h1").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        names.add(page.evaluate("document.activeElement.textContent || document.activeElement.type"))
    for name in ("Choose files", "Copy report", "Print", "JSON", "radio", "text", "Licences of what is in this file"):
        assert any(found.startswith(name) for found in names), (name, names)


@pytest.mark.parametrize("place", ["page", "worker"])
def test_its_policy_keeps_even_a_foreign_script_from_sending(place: str, browser: Browser, file: Path) -> None:
    """What a flaw might run in the page or beside the proof has no way out, on a machine that is online."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        opened = browser.new_page()
        opened.goto(file.as_uri())
        expect(opened.get_by_role("heading", level=1)).to_be_visible()
        send = """address => Promise.race([
          fetch(address, { mode: 'no-cors' }).then(() => 'answered', (error) => error.message),
          new Promise((tell) => setTimeout(tell, 3000, 'nothing forbids it')),
        ])"""
        scope = opened if place == "page" else opened.workers[0]
        assert scope.evaluate(send, address) == "Failed to fetch"
        with pytest.raises(TimeoutError):
            listener.accept()
        opened.context.close()


def test_the_service_hands_out_the_file_that_the_page_names(sign_in: SignIn) -> None:
    console = sign_in(None)
    console.goto("/console/verify")
    part = console.get_by_role("region", name="Take this verifier with you")
    with console.expect_download() as download:
        part.get_by_role("link", name="verify.html").press("Enter")
    assert download.value.suggested_filename == "verify.html"
    body = download.value.path().read_bytes()
    assert body == (DIST / "verify.html").read_bytes()
    expect(part).to_contain_text(hashlib.sha256(body).hexdigest())
