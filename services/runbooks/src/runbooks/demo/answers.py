"""What the demo's external API answers to a list of rows, by route; the same rows always get the same answer.

Every row is an object with a text `id`; an answer has the order of `id`.
"""

from __future__ import annotations

__all__ = ["ROUTES", "Answer"]

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from runbooks.canonical import digest_of

Answer = list[dict[str, Any]]

_NOT_IN_A_MAILBOX = re.compile(r"[^a-z0-9]+")


def _emails(rows: Answer) -> Answer:
    return sorted(({"id": row["id"], "email": _email(row)} for row in rows), key=lambda answer: answer["id"])


def _email(row: Mapping[str, Any]) -> str:
    for text in (row.get("name"), row["id"]):
        latin = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() if isinstance(text, str) else ""
        mailbox = _NOT_IN_A_MAILBOX.sub(".", latin.lower()).strip(".")
        if mailbox:
            return f"{mailbox}@example.com"
    return f"entity-{digest_of(row['id']).removeprefix('sha256:')[:8]}@example.com"


def _software(rows: Answer) -> Answer:
    # Only this and the next route need the demo's data to be installed.
    from runbooks.demo.attack import attack_software

    return attack_software(rows)


def _countries(rows: Answer) -> Answer:
    from runbooks.demo.attack import attack_countries

    return attack_countries(rows)


ROUTES: dict[str, Callable[[Answer], Answer]] = {
    "/enrich": _emails,
    "/attack/software": _software,
    "/attack/countries": _countries,
}
