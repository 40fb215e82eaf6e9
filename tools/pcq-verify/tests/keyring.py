"""Test keys, the trust files that name them, and the encodings that both need."""

from __future__ import annotations

__all__ = ["BY_ID", "KEYS", "Key", "b64", "digest", "digest_of", "jcs", "pae", "trust", "trust_key"]

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import rfc8785
from nacl.signing import SigningKey

Json = Any


def jcs(value: Json) -> bytes:
    return rfc8785.dumps(value)


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Json) -> str:
    return digest(jcs(value))


def b64(data: bytes) -> str:
    return "base64:" + base64.b64encode(data).decode()


def pae(kind: str, body: bytes) -> bytes:
    name = f"application/vnd.pcq.{kind}.v1+json".encode()
    return b"DSSEv1 " + str(len(name)).encode() + b" " + name + b" " + str(len(body)).encode() + b" " + body


@dataclass(frozen=True)
class Key:
    name: str

    @property
    def signing(self) -> SigningKey:
        return SigningKey(hashlib.sha256(f"test key {self.name}".encode()).digest())

    @property
    def public(self) -> bytes:
        return bytes(self.signing.verify_key)

    @property
    def keyid(self) -> str:
        return digest(self.public)

    def sign(self, message: bytes) -> str:
        return b64(self.signing.sign(message).signature)


KEYS = {name: Key(name) for name in ("step", "manifest", "stranger", "carol", "dave", "erin", "carol-2")}
BY_ID = {key.keyid: key for key in KEYS.values()}


def trust_key(key: Key, roles: list[str], **members: Json) -> Json:
    entry = {
        "keyid": key.keyid,
        "publicKey": b64(key.public),
        "roles": roles,
        "validFrom": "2026-01-01T00:00:00Z",
        "validTo": None,
        "revoked": None,
    }
    return {**entry, **members}


def trust(**members: Json) -> Json:
    keys = [trust_key(KEYS["step"], ["step"]), trust_key(KEYS["manifest"], ["manifest"])]
    return {"pcq": "trust/v1", "version": 3, "keys": keys, **members}
