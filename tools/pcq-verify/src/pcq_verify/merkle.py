"""The Merkle tree hash of RFC 9162, section 2.1.1, over leaf hashes."""

from __future__ import annotations

__all__ = ["leaf_hash", "tree_hash"]

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """`H(0x00 || data)`."""
    return hashlib.sha256(b"\x00" + data).digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH of the leaves whose hashes are given; `H("")` when there are none."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    # Pairing from the left and carrying an odd last node up gives the split at the largest power of two below n.
    while len(level) > 1:
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
