"""The trust file: which key counts, for what, and when (spec/pcq-v1.md, 8).

A manifest never carries a key. Without trusted time a revoked key counts for nothing.
"""

from __future__ import annotations

__all__ = ["Key", "Trust", "TrustError", "read_trust"]

from dataclasses import dataclass
from typing import Any

from pcq_verify.encoding import decode_base64, digest, instant
from pcq_verify.shapes import (
    ShapeError,
    array,
    base64_bytes,
    closed,
    digest_text,
    integer,
    nullable,
    one_of,
    text,
    time,
)
from pcq_verify.strict_json import StrictJsonError, parse_json


def _subject(value: Any) -> None:
    text(value, least=1, most=256)


_check_shape = closed(
    {
        "pcq": one_of("trust/v1"),
        "version": integer(1),
        "keys": array(
            closed(
                {
                    "keyid": digest_text,
                    "publicKey": base64_bytes(32),
                    "roles": array(one_of("step", "manifest", "approver")),
                    "validFrom": time,
                    "validTo": nullable(time),
                    "revoked": nullable(closed({"at": time, "reason": text})),
                },
                {"subject": _subject},
            )
        ),
    }
)


class TrustError(ValueError):
    """The trust file is no trust/v1."""


@dataclass(frozen=True)
class Key:
    """One key; times are instants in microseconds, `subject` is the person whose approver's key it is."""

    public: bytes
    roles: frozenset[str]
    valid_from: int
    valid_to: int | None
    revoked: str | None
    subject: str | None = None

    def refusal(self, role: str, at: int) -> str:
        """Why the key does not count for `role` at that instant, or empty."""
        if self.revoked is not None:
            return f"is revoked ({self.revoked})"
        if role not in self.roles:
            return f"has no role {role!r}, only {', '.join(sorted(self.roles)) or 'none'}"
        if at < self.valid_from or (self.valid_to is not None and at >= self.valid_to):
            return "is not valid at that time"
        return ""


@dataclass(frozen=True)
class Trust:
    """A trust file that was read; keys by keyid."""

    version: int
    keys: dict[str, Key]

    def refusal(self, keyid: str, role: str, at: int) -> str:
        """Why `keyid` does not count, or empty."""
        key = self.keys.get(keyid)
        if key is None:
            return f"key {keyid} is not in the trust file"
        refusal = key.refusal(role, at)
        return f"key {keyid} {refusal}" if refusal else ""

    def subject(self, keyid: str) -> str | None:
        """The person whose key it is, or None for a key that is unknown or no approver's."""
        key = self.keys.get(keyid)
        return key.subject if key else None

    def public(self, keyid: str) -> bytes | None:
        """The 32 bytes of the public key, or None when it is unknown."""
        key = self.keys.get(keyid)
        return key.public if key else None


def read_trust(data: bytes) -> Trust:
    """The trust file in `data`; raises TrustError."""
    try:
        value = parse_json(data)
        _check_shape(value)
    except StrictJsonError as error:
        raise TrustError(str(error)) from None
    except ShapeError as error:
        raise TrustError(f"{error.where}: {error.message}") from None
    keys: dict[str, Key] = {}
    for index, item in enumerate(value["keys"]):
        public = decode_base64(item["publicKey"]) or b""
        if digest(public) != item["keyid"]:
            raise TrustError(f"keys.{index}.keyid: expected {digest(public)}, got {item['keyid']}")
        if item["keyid"] in keys:
            raise TrustError(f"keys.{index}.keyid: {item['keyid']} occurs twice")
        if ("approver" in item["roles"]) != ("subject" in item):
            raise TrustError(f"keys.{index}.subject: expected one exactly when `approver` is among the roles")
        keys[item["keyid"]] = _read_key(item, public)
    return Trust(value["version"], keys)


def _read_key(item: dict[str, Any], public: bytes) -> Key:
    revoked = item["revoked"]
    return Key(
        public=public,
        roles=frozenset(item["roles"]),
        valid_from=instant(item["validFrom"]) or 0,
        valid_to=instant(item["validTo"]),
        revoked=revoked and f"at {revoked['at']}: {revoked['reason']}",
        subject=item.get("subject"),
    )
