"""The Merkle tree hash of RFC 9162, section 2.1.1, with SHA-256."""

from __future__ import annotations

__all__ = ["leaf_hash", "merkle_root"]

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: the prefix 0x00 keeps it from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes; no leaf is ever doubled. The root of nothing is the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    # Pairing level by level with the odd one carried up gives the same tree as splitting at the
    # largest power of two.
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(level) & ~1 :]
    return level[0]
