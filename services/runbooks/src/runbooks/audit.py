"""The audit trail of the API: who asked for what change, and what became of it; refused ones too.

A ledger of its own, append-only and chained like that of executions. It never holds a value: of a request it keeps
identifiers and the reason that a person gave.
"""

from __future__ import annotations

__all__ = ["AuditRecord", "AuditTrail", "Wanted"]

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from runbooks.canonical import dumps, loads
from runbooks.errors import LedgerError
from runbooks.evidence import instant
from runbooks.ledger import Draft, Entry, verify_chain
from runbooks.ports import LedgerStore

_MAX_REASON = 4000
_MAX_SUBJECT = 256
# Of one page: who looks for what is rare gets a short page, and goes on behind it.
_BATCH = 200
_MOST_BATCHES = 100


class AuditStore(LedgerStore, Protocol):
    """A ledger that can be read from its end."""

    def newest(self, before: int | None, limit: int) -> list[Entry]:
        """At most `limit` entries with numbers below `before`, the newest first."""
        ...


@dataclass(frozen=True)
class AuditRecord:
    """`who` is None for a stranger; `code` is the problem's for what was refused; `made` is what came into being.

    `turnedAway` counts requests of the same subject that came too fast since their last record, and have none.
    """

    at: str
    who: str | None
    action: str
    resource: str
    object: str | None
    status: int
    code: str | None
    reason: str | None
    made: str | None
    requestId: str  # noqa: N815 (as the API spells it)
    turnedAway: int = 0  # noqa: N815


@dataclass(frozen=True)
class Wanted:
    """Which records are looked for; None is any. `object` is also what came into being; times are inclusive."""

    who: str | None = None
    action: str | None = None
    object: str | None = None
    since: str | None = None
    until: str | None = None

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether it is one of them."""
        at = instant(record["at"])
        return (
            self.who in (None, record["who"])
            and self.action in (None, record["action"])
            and self.object in (None, record["object"], record["made"])
            and (self.since is None or at >= instant(self.since))
            and (self.until is None or at <= instant(self.until))
        )


ALL = Wanted()


class AuditTrail:
    """Records over one store."""

    def __init__(self, store: AuditStore) -> None:
        self._store = store

    def record(self, record: AuditRecord) -> None:
        """Append it durably; raises LedgerError."""
        members = asdict(record)
        members["reason"] = record.reason[:_MAX_REASON] if record.reason is not None else None
        members["who"] = record.who[:_MAX_SUBJECT] if record.who is not None else None
        draft = Draft(record.requestId, record.resource, record.action, None, dumps(members))
        self._store.append(lambda _: [draft])

    def page(self, before: int | None, limit: int, wanted: Wanted = ALL) -> tuple[Sequence[dict[str, Any]], int | None]:
        """Records with their numbers and hashes, the newest first, and where the next page goes on.

        A page may be short, or empty, and have another behind it: at most 20,000 records are looked at for one.
        """
        items: list[dict[str, Any]] = []
        for _ in range(_MOST_BATCHES):
            entries = self._store.newest(before, _BATCH)
            for entry in entries:
                record = loads(entry.draft.body)
                if wanted.fits(record):
                    if len(items) == limit:
                        return items, before
                    items.append({"seq": entry.seq, **record, "entryHash": entry.entry_hash})
                before = entry.seq
            if len(entries) < _BATCH:
                return items, None
        return items, before

    def verify(self) -> int:
        """Recompute the chain; the number of records. Raises LedgerError."""
        try:
            return verify_chain(self._store.entries())
        except LedgerError as error:
            raise LedgerError(f"audit trail: {error}", code=error.code) from error

    def close(self) -> None:
        """Release the store."""
        self._store.close()
