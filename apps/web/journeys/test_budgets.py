"""How much a browser has to fetch before a screen is there: sizes of the built files, compressed as they are served."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from apps.web.journeys.service import DIST, without_console
from services.runbooks.tests.real import require

ENTRY = "index.html"
# Bytes; a screen's are with those of the entry. The verifier's worker is fetched when a proof is verified.
MOST_ENTRY, MOST_STYLE, MOST_SCREEN = 120_000, 12_000, 180_000


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """What the build wrote of its chunks."""
    require("the console in a browser", without_console())
    found: dict[str, Any] = json.loads((DIST / ".vite" / "manifest.json").read_text("utf-8"))
    return found


def chunks(manifest: dict[str, Any], name: str) -> set[str]:
    """The chunk and all that it imports from its beginning."""
    found, left = set(), [name]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += manifest[name].get("imports", [])
    return found


def compressed(files: set[str]) -> int:
    return sum(len(gzip.compress((DIST / file).read_bytes(), 9)) for file in files)


def scripts(manifest: dict[str, Any], names: set[str]) -> int:
    return compressed({manifest[name]["file"] for name in names})


def styles(manifest: dict[str, Any], names: set[str]) -> int:
    return compressed({file for name in names for file in manifest[name].get("css", [])})


def test_the_entry_is_small(manifest: dict[str, Any]) -> None:
    entry = chunks(manifest, ENTRY)
    assert scripts(manifest, entry) <= MOST_ENTRY
    assert styles(manifest, entry) <= MOST_STYLE


def test_each_screen_is_small(manifest: dict[str, Any]) -> None:
    # A part that a screen fetches when somebody looks at it, as the graph of a run, is none.
    screens = [name for name in manifest if name.startswith(("src/screens/", "src/components/runbooks/"))]
    screens = [name for name in screens if manifest[name].get("isDynamicEntry")]
    assert len(screens) >= 12
    entry = chunks(manifest, ENTRY)
    sizes = {name: scripts(manifest, entry | chunks(manifest, name)) for name in screens}
    assert {name: size for name, size in sizes.items() if size > MOST_SCREEN} == {}
