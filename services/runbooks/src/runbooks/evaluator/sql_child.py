"""A child that runs statements: `[text, inputs, columns]` gives rows, `[text]` checks what needs no tables."""

from __future__ import annotations

__all__ = ["main"]

from typing import Any

from runbooks.canonical import require_recordable
from runbooks.errors import CanonicalError, ExpressionError
from runbooks.evaluator.child import serve
from runbooks.evaluator.sql_engine import check_here, run_here


def main() -> None:
    """Answer until the input ends."""
    serve(_answer)


def _answer(text: str, *arguments: Any) -> Any:
    if not arguments:
        check_here(text)
        return None
    rows = run_here(text, *arguments)
    try:
        require_recordable(rows)
    except CanonicalError as error:
        raise ExpressionError(f"the statement gave no JSON that can be recorded: {error}", code="sql.failed") from None
    return rows


if __name__ == "__main__":
    main()
