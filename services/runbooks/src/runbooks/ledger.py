"""The ledger: an append-only chain of entries; execution state is a fold over it (spec/ledger.md).

Each entry's hash covers the one before it, so an entry cannot change, go or come in between
unnoticed. Storage is not here: a store reads the head, calls `chain`, and inserts, in one
write-locked transaction.
"""

from __future__ import annotations

__all__ = ["GENESIS", "Draft", "Entry", "Head", "chain", "require_intact", "verify_chain"]

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from runbooks.canonical import dumps
from runbooks.errors import LedgerError, TamperedRecordError

GENESIS = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Draft:
    """An entry to be; `body` is RFC 8785 bytes of an object."""

    execution_id: str
    runbook_id: str
    kind: str
    step_id: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """A recorded fact; `seq` counts from 1 without gaps."""

    seq: int
    draft: Draft
    previous_hash: str
    entry_hash: str


class Head(Protocol):
    """The ledger's end as the write-locked transaction sees it."""

    @property
    def seq(self) -> int:
        """Number of entries."""
        ...

    @property
    def entry_hash(self) -> str:
        """Hash of the last entry; GENESIS when there is none."""
        ...

    def count(self, runbook_id: str, kind: str) -> int:
        """Number of entries of that runbook and kind."""
        ...

    def reserved(self, counter: str, period: str) -> int:
        """Sum of what the BudgetReserved entries reserved of that counter and period."""
        ...

    def last(self, runbook_id: str, kind: str) -> Entry | None:
        """The last entry of that runbook and kind."""
        ...

    def entries(self, execution_id: str) -> list[Entry]:
        """The entries of that execution, in order."""
        ...

    def fired(self, schedule_id: str) -> str | None:
        """The newest nominal time for which that schedule started an execution."""
        ...


def chain(seq: int, previous_hash: str, drafts: Sequence[Draft]) -> list[Entry]:
    """The entries that follow entry number `seq` with hash `previous_hash`."""
    entries = []
    for draft in drafts:
        seq += 1
        entry_hash = _entry_hash(seq, draft, previous_hash)
        entries.append(Entry(seq, draft, previous_hash, entry_hash))
        previous_hash = entry_hash
    return entries


def verify_chain(entries: Iterable[Entry]) -> int:
    """Number of entries of a whole ledger; raises LedgerError at the first that does not follow."""
    seq, previous_hash = 0, GENESIS
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            raise LedgerError(f"ledger entry {seq} is missing: expected {seq}, got {entry.seq}", code="ledger.gap")
        expected = _entry_hash(seq, entry.draft, previous_hash)
        if entry.previous_hash != previous_hash or entry.entry_hash != expected:
            message = f"ledger entry {seq} is not what was recorded: expected {expected}, got {entry.entry_hash}"
            raise LedgerError(message, code="ledger.chain")
        previous_hash = expected
    return seq


def require_intact(entries: Iterable[Entry]) -> None:
    """Raise TamperedRecordError at the first that its own hash does not cover; any part of a ledger can be asked of.

    That the hashes themselves are those of then, only the whole chain says.
    """
    for entry in entries:
        found = _entry_hash(entry.seq, entry.draft, entry.previous_hash)
        if found != entry.entry_hash:
            draft = entry.draft
            what = f"{draft.kind} of step {draft.step_id}" if draft.step_id else draft.kind
            raise TamperedRecordError(
                f"execution {draft.execution_id}: ledger entry {entry.seq} ({what}) was changed after it was recorded: "
                f"its hash is {entry.entry_hash}, that of what it holds {found}; keep this ledger as evidence, let "
                "`runbooks fsck` say which entries follow the chain, and restore a backup"
            )


def _entry_hash(seq: int, draft: Draft, previous_hash: str) -> str:
    named = dumps([seq, draft.execution_id, draft.runbook_id, draft.kind, draft.step_id])
    # The RFC 8785 form of the five names and the body as sixth element; the body's bytes are canonical already.
    data = b"pcq-entry-v1\0" + previous_hash.encode("ascii") + named[:-1] + b"," + draft.body + b"]"
    return "sha256:" + hashlib.sha256(data).hexdigest()
