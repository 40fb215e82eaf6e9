"""Rows as CSV, by a rule that a verifier follows to the byte (spec/execution.md, 4). Pure."""

from __future__ import annotations

__all__ = ["csv_bytes"]

from collections.abc import Sequence
from typing import Any

from runbooks.canonical import dumps
from runbooks.errors import EvidenceError

# A spreadsheet takes a cell that begins with one of these for a formula; the last eight are their wide and small forms.
_FORMULA = tuple("=+-@\t\r＝＋－＠﹦﹢﹣﹫")


def csv_bytes(rows: Any, columns: Sequence[str] | None) -> bytes:
    """RFC 4180: a header, a line a row, each ended by CRLF, UTF-8; of no column at all, nothing.

    Raises EvidenceError for what is no list of objects, and for a member that is a list or an object.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EvidenceError(
            "a csv export needs a list of objects as inputs; map them with `inputs`", code="export.rows"
        )
    names = sorted({name for row in rows for name in row}, key=str.encode) if columns is None else list(columns)
    lines = [names, *([row.get(name) for name in names] for row in rows)] if names else []
    return b"".join(_line(cells, number) for number, cells in enumerate(lines))


def _line(cells: list[Any], number: int) -> bytes:
    written = [_cell(cell, number) for cell in cells]
    # An empty line would be no row.
    return (",".join(written) if written != [""] else '""').encode() + b"\r\n"


def _cell(value: Any, number: int) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        message = f"row {number - 1}: a cell holds text, a number, true, false or null, got {type(value).__name__}"
        raise EvidenceError(f"{message}; make the rows flat with `inputs`", code="export.rows")
    text = value if isinstance(value, str) else dumps(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
