"""Text as a report shows it: what the fonts in typst have no glyph for, and what nobody sees, by its number.

A template gets text and never markup, so nothing in it means anything to typst. But PDF/A refuses a glyph that no
font has, and a reader must not be led by marks that turn the direction of writing or join two words: such a character
is shown as `⟨U+202E⟩`. Letters with marks are composed (NFC), and marks that are left are shown so too. Tabs and line
breaks are blanks.
"""

from __future__ import annotations

__all__ = ["shown"]

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any

_BLANKS = re.compile(r"[\t\n\r]")
# What needs no look: the printable characters of ASCII.
_PLAIN = re.compile(r"[ -~]*")


def shown(value: Any) -> Any:
    """`value` with every text in it, and the names of members as they are, as a report shows it."""
    match value:
        case str():
            return _text(value)
        case list():
            return [shown(item) for item in value]
        case dict():
            return {name: shown(item) for name, item in value.items()}
        case _:
            return value


def _text(text: str) -> str:
    text = _BLANKS.sub(" ", text)
    if _PLAIN.fullmatch(text):
        return text
    # Composed, for a letter and a mark are often of two fonts, and then typst finds no glyph for the pair.
    return "".join(_character(character) for character in unicodedata.normalize("NFC", text))


def _character(character: str) -> str:
    return character if character in _glyphs() else f"⟨U+{ord(character):04X}⟩"


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    """The visible characters of the embedded fonts, as `glyphs.txt` lists them."""
    found: set[str] = set()
    for line in files(__package__).joinpath("glyphs.txt").read_text("ascii").splitlines():
        for run in () if line.startswith("#") else line.split():
            first, _, last = run.partition("-")
            found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)
