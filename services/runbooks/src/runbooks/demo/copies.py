"""The demo graph several times over, for measuring speed: never for measuring accuracy.

Copy 0 is the demo itself. Another copy has its own entities and documents, told apart by a suffix of ids, names and
addresses; its dates lie whole weeks later; techniques are shared. ATT&CK's ids stay, so that R1 finds and fills the
software of every copy. One mention in ten names the same entity of another copy, drawn with a fixed seed, so that the
copies are one graph. Rows are made as they are taken: the memory needed does not grow with the number of copies.
"""

from __future__ import annotations

__all__ = ["copied"]

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from runbooks.demo.galaxies import DemoData, Row

_SEED = 20261124
_MOVED = 0.1


def copied(data: DemoData, copies: int) -> dict[str, Iterable[Row]]:
    """The rows of `copies` copies, by what they are, nodes before relationships; each can be taken once."""
    everyone = range(copies)
    return {
        "entities": (_entity(row, copy) for copy in everyone for row in data.entities),
        "documents": (_document(row, copy) for copy in everyone for row in data.documents),
        "techniques": iter(data.techniques),
        "mentioned in": _mentions(data.mentions, copies),
        "uses": (_ends(row, copy, copy) for copy in everyone for row in data.uses),
        "employs": ({**row, "source": _suffixed(row["source"], copy)} for copy in everyone for row in data.employs),
    }


def _entity(row: Row, copy: int) -> Row:
    if not copy:
        return row
    documents = [_suffixed(document, copy) for document in row.get("documents", ())]
    named = {**row, "id": _suffixed(row["id"], copy), "name": f"{row['name']} ({copy})"}
    return {**named, "documents": documents} if documents else named


def _document(row: Row, copy: int) -> Row:
    if not copy:
        return row
    return {**row, "id": _suffixed(row["id"], copy), "url": _suffixed(row["url"], copy), **_later(row, copy)}


def _later(row: Mapping[str, Any], weeks: int) -> Row:
    """The dates of a document, as far as they are known, that many weeks later."""
    later = timedelta(weeks=weeks)
    if "publishedOn" in row:
        day = date.fromisoformat(row["publishedOn"]) + later
        return {"publishedOn": day.isoformat(), "publishedIn": day.isoformat()[:7]}
    if "publishedIn" in row:
        return {"publishedIn": (date.fromisoformat(row["publishedIn"] + "-01") + later).isoformat()[:7]}
    return {}


def _mentions(rows: Iterable[Row], copies: int) -> Iterator[Row]:
    dice = random.Random(_SEED)  # noqa: S311 (no secret: the same graph every time)
    kept = list(rows)
    for copy in range(copies):
        for row in kept:
            moves = copies > 1 and dice.random() < _MOVED
            other = (copy + 1 + int(dice.random() * (copies - 1))) % copies if moves else copy
            yield _ends(row, other, copy)


def _ends(row: Row, source: int, target: int) -> Row:
    return {"source": _suffixed(row["source"], source), "target": _suffixed(row["target"], target)}


def _suffixed(text: str, copy: int) -> str:
    return f"{text}#{copy}" if copy else text
