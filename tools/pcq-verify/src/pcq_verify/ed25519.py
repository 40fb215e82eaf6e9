"""Ed25519 signatures under the strict profile: what one verifier takes, all must take (spec/pcq-v1.md, 8).

Libraries disagree on hundreds of public edge cases. This profile leaves no room: the key and R are canonical
encodings of points of the prime-order subgroup, S is below the group order, and the equation without the cofactor
holds. (The spec asks of R only that it be canonical and not of small order; with such a key the equation forces it
into the subgroup.)
"""

from __future__ import annotations

__all__ = ["is_strict_key", "is_strict_signature"]

from functools import lru_cache

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


@lru_cache(maxsize=256)
def is_strict_key(key: bytes) -> bool:
    """True when the 32 bytes are a canonical point of the main subgroup, not of small order."""
    return len(key) == 32 and bool(crypto_core_ed25519_is_valid_point(key))


def is_strict_signature(signature: bytes, message: bytes, key: bytes) -> bool:
    """True when `signature` is a signature of `message` by `key` in the strict profile."""
    if len(signature) != 64 or not is_strict_key(key):
        return False
    if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER:
        return False
    if not crypto_core_ed25519_is_valid_point(signature[:32]):
        return False
    try:
        crypto_sign_open(signature + message, key)
    except BadSignatureError:
        return False
    return True
