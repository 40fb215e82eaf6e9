"""The chain of entries: a missing, moved or forked one is found (spec/ledger.md, 2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from runbooks.errors import LedgerError
from runbooks.ledger import GENESIS, Entry, chain, verify_chain

from services.runbooks.tests.ledger.conftest import draft

Change = Callable[[list[Entry]], list[Entry]]


@pytest.mark.parametrize(
    ("change", "code", "seq"),
    [
        (lambda entries: entries[1:], "ledger.gap", 1),
        (lambda entries: entries[:1] + entries[2:], "ledger.gap", 2),
        (lambda entries: [entries[1], entries[0], *entries[2:]], "ledger.gap", 1),
        (lambda entries: [entries[0], *entries], "ledger.gap", 2),
        (lambda entries: [*chain(0, "sha256:" + "1" * 64, [draft()])], "ledger.chain", 1),
        (lambda entries: [*entries[:2], *chain(2, entries[0].entry_hash, [draft()])], "ledger.chain", 3),
    ],
    ids=["first missing", "one missing", "swapped", "doubled", "another genesis", "forked"],
)
def test_a_missing_moved_or_forked_entry_is_found(change: Change, code: str, seq: int) -> None:
    entries = chain(0, GENESIS, [draft(), draft("B"), draft("C")])
    assert verify_chain(entries) == 3
    with pytest.raises(LedgerError, match=f"entry {seq} ") as caught:
        verify_chain(change(entries))
    assert caught.value.code == code
