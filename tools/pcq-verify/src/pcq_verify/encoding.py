"""The small encodings of the format: digests, Base64 texts, pre-authentication encoding, times (spec/pcq-v1.md, 1)."""

from __future__ import annotations

__all__ = ["base64_text", "decode_base64", "digest", "digest_of", "hash_of", "instant", "is_digest", "pae"]

import binascii
import hashlib
import re
from typing import Any

from pcq_verify.jcs import canonical

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?Z")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def hash_of(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def digest(data: bytes) -> str:
    """`S(H(data))`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """`S(H(J(value)))`."""
    return digest(canonical(value))


def is_digest(text: object) -> bool:
    """True for `sha256:` and 64 lowercase hexadecimal digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def base64_text(data: bytes) -> str:
    """`B(data)`."""
    return "base64:" + binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_base64(text: object, *, prefix: str = "base64:") -> bytes | None:
    """The bytes of a canonical padded Base64 text, or None: of the 16 spellings of one byte only one is good."""
    if not isinstance(text, str) or not text.startswith(prefix):
        return None
    try:
        body = text[len(prefix) :].encode("ascii")
        data = binascii.a2b_base64(body, strict_mode=True)
    except ValueError:
        return None
    return data if binascii.b2a_base64(data, newline=False) == body else None


def pae(kind: str, body: bytes) -> bytes:
    """DSSE v1 pre-authentication encoding with the payload type of a `.pcq` statement."""
    payload_type = f"application/vnd.pcq.{kind}.v1+json".encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type, len(body), body)


def instant(text: object) -> int | None:
    """Microseconds since 0000-03-01 of an RFC 3339 time in UTC, or None when it is no such time (spec, 1.4)."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if year < 1 or not 1 <= month <= 12 or hour > 23 or minute > 59 or second > 59:
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _DAYS[month - 1] + (month == 2 and leap):
        return None
    # Counting years from March puts the leap day last, so that one formula gives the days before a month.
    shifted, march = year - (month <= 2), (month + 9) % 12
    days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + (153 * march + 2) // 5 + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + int((match[7] or "").ljust(6, "0"))
