"""Files for the page Verify, chosen as a person does with the keyboard."""

from __future__ import annotations

__all__ = ["choose"]

import re
from pathlib import Path

from playwright.sync_api import Page, expect


def choose(page: Page, *paths: Path) -> None:
    """The files, once the key `o` has asked for them: the system's own window is not opened."""
    chooser = page.get_by_label("Files to verify")
    expect(page.get_by_role("button", name=re.compile("Choose files"))).to_be_visible()
    chooser.evaluate(
        "input => input.addEventListener('click', (event) => { event.preventDefault(); input.dataset.asked = 'yes'; })"
    )
    page.wait_for_load_state("networkidle")
    page.keyboard.press("o")
    expect(chooser).to_have_attribute("data-asked", "yes")
    chooser.set_input_files([str(path) for path in paths])
