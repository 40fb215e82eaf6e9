"""One signed statement of a review: its closed shape, and what is read from it (spec/reviews.md, 3)."""

from __future__ import annotations

__all__ = ["APPROVAL", "BY_INSTALLATION", "BY_PERSON", "Approval", "hex_digits"]

from dataclasses import dataclass
from typing import Any

from pcq_verify.encoding import decode_base64, digest, instant, pae
from pcq_verify.jcs import canonical
from pcq_verify.shapes import (
    ShapeError,
    base64_bytes,
    closed,
    digest_text,
    identifier,
    integer,
    nullable,
    one_of,
    text,
    time,
)

BY_INSTALLATION = ("opened", "info-given", "expired", "closed")
BY_PERSON = ("approved", "rejected", "info-requested", "break-glass")


def hex_digits(value: Any) -> None:
    """32 lowercase hexadecimal digits."""
    if type(value) is not str or len(value) != 32 or set(value) - set("0123456789abcdef"):
        raise ShapeError("expected 32 lowercase hexadecimal digits")


def _name(value: Any) -> None:
    text(value, least=1, most=256)


def _reason(value: Any) -> None:
    text(value, least=1, most=4000)


APPROVAL = closed(
    {
        "statement": closed(
            {
                "pcq": one_of("approval/v1"),
                "manifestId": identifier,
                "contextHash": digest_text,
                "stepId": identifier,
                "requirementId": text,
                "reviewId": identifier,
                "sequence": integer(1),
                "subject": digest_text,
                "decision": one_of(*BY_INSTALLATION, *BY_PERSON),
                "approver": _name,
                "role": one_of("installation", "ombuds", "approver", "participant"),
                "reason": _reason,
                "issuedAt": time,
                "expiresAt": nullable(time),
                "nonce": hex_digits,
            }
        ),
        "keyid": digest_text,
        "signature": base64_bytes(),
    }
)


@dataclass(frozen=True)
class Approval:
    """One approval as the file has it, in a shape that was checked; `position` counts all of the file from 0."""

    position: int
    value: dict[str, Any]

    @property
    def statement(self) -> dict[str, Any]:
        """What was signed."""
        statement: dict[str, Any] = self.value["statement"]
        return statement

    @property
    def decision(self) -> str:
        """One of `BY_INSTALLATION` or `BY_PERSON`."""
        decision: str = self.statement["decision"]
        return decision

    @property
    def approver(self) -> str:
        """Who speaks; the installation is its `logOrigin`."""
        approver: str = self.statement["approver"]
        return approver

    @property
    def keyid(self) -> str:
        """The key that is said to have signed."""
        keyid: str = self.value["keyid"]
        return keyid

    @property
    def issued(self) -> int:
        """`issuedAt` as an instant in microseconds."""
        return instant(self.statement["issuedAt"]) or 0

    @property
    def expires(self) -> int | None:
        """`expiresAt` as an instant in microseconds, or None."""
        return instant(self.statement["expiresAt"])

    @property
    def signature(self) -> bytes:
        """The signature's bytes."""
        return decode_base64(self.value["signature"]) or b""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return pae("approval", canonical(self.statement))

    @property
    def digest(self) -> str:
        """`S(H(J(approval)))`, by which proofs and outputs name it."""
        return digest(canonical(self.value))

    @property
    def name(self) -> str:
        """The approval for a message."""
        return f"approvals.{self.position}, {self.decision} in review {self.statement['reviewId']}"
