"""The conditions of the ledger's partial indexes, which both products use only where a query states them too."""

from __future__ import annotations

__all__ = ["narrowed"]

_CONDITIONS = ("kind IN ('ExecutionStarted', 'ExecutionSealed')", "kind IN ('ReviewOpened', 'ReviewDecided')")


def narrowed(kind: str | None) -> str:
    """What to add to a query's conditions for entries of that kind, so that it does not read the whole ledger."""
    return "".join(f" AND {condition}" for condition in _CONDITIONS if f"'{kind}'" in condition)
