"""How a page looks and reads: axe in both colour schemes, and pictures of them."""

from __future__ import annotations

__all__ = ["SCHEMES", "axe", "shoot"]

import json
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from apps.web.journeys.service import ROOT

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_AXE = ROOT / "apps" / "web" / "node_modules" / "axe-core" / "axe.min.js"
_NARROW = 320
_PICTURES = ROOT / ".cache" / "journeys"


def axe(page: Page) -> None:
    """Fail on any violation that axe finds in light or in dark, and on a page wider than a narrow screen.

    The page stays in light, and as large as it was.
    """
    page.get_by_role("heading", level=1).wait_for()
    # Evaluated and not added as a script: the page's policy would rightly refuse that.
    page.evaluate(_AXE.read_text("utf-8"))
    found = {}
    for scheme in reversed(SCHEMES):
        page.emulate_media(color_scheme=scheme)
        result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for violation in result["violations"]:
            places = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
            found[f"{scheme}: {violation['id']}"] = {"help": violation["help"], "at": places}
    assert not found, f"{page.url}: {json.dumps(found, indent=2)}"
    _reflow(page)


def _reflow(page: Page) -> None:
    """WCAG 2.2, 1.4.10: at 320 pixels nobody has to scroll the page sideways."""
    before = page.viewport_size
    page.set_viewport_size({"width": _NARROW, "height": 640})
    width: int = page.evaluate("document.documentElement.scrollWidth")
    if before is not None:
        page.set_viewport_size(before)
    assert width <= _NARROW, f"{page.url} is {width} pixels wide on a screen of {_NARROW}"


def shoot(page: Page, name: str) -> list[Path]:
    """Pictures `name-light.png` and `name-dark.png` of the whole page in `.cache/journeys`; the page stays in light."""
    _PICTURES.mkdir(parents=True, exist_ok=True)
    paths = []
    for scheme in reversed(SCHEMES):
        page.emulate_media(color_scheme=scheme)
        paths.append(_PICTURES / f"{name}-{scheme}.png")
        page.screenshot(path=paths[-1], full_page=True)
    return paths
