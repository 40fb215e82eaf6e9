"""Text as a report shows it: what the fonts in typst have no glyph for, and what nobody sees, by its number.

A template gets text and never markup, so nothing in it means anything to typst. But PDF/A refuses a glyph that no
font has, and a reader must not be led by marks that turn the direction of writing or join two words: such a character
is shown as `⟨U+202E⟩`. Tabs and line breaks are blanks.
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
    return text if _PLAIN.fullmatch(text) else "".join(map(_cluster, _clusters(text)))


def _clusters(text: str) -> list[str]:
    """The text cut before every character that is no combining mark."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character).startswith("M"):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _cluster(cluster: str) -> str:
    # A letter and its marks are set from one font.
    if any(glyphs.issuperset(cluster) for glyphs in _families()):
        return cluster
    return "".join(letter if _is_shown_alone(letter) else f"⟨U+{ord(letter):04X}⟩" for letter in cluster)


def _is_shown_alone(letter: str) -> bool:
    is_mark = unicodedata.category(letter).startswith("M")
    return not is_mark and any(letter in glyphs for glyphs in _families())


@lru_cache(maxsize=1)
def _families() -> tuple[frozenset[str], ...]:
    """The visible characters of each embedded family, as `glyphs.txt` lists them."""
    families: list[set[str]] = []
    for line in files(__package__).joinpath("glyphs.txt").read_text("ascii").splitlines():
        if not line.startswith((" ", "#")):
            families.append(set())
        for run in line.split() if line.startswith(" ") else ():
            first, _, last = run.partition("-")
            families[-1].update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return tuple(map(frozenset, families))
