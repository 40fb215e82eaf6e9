"""An identity provider on loopback: real keys, discovery, a key set that is rotated, and tokens that it signs."""

from __future__ import annotations

__all__ = ["AUDIENCE", "NOW", "Issuer", "issuing"]

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from services.runbooks.tests.json_server import serving_json

AUDIENCE = "https://runbooks.example.com"
NOW = 1_800_000_000
_MAKERS = {
    "RS256": lambda kid: RSAKey.generate_key(2048, {"kid": kid}),
    "ES256": lambda kid: ECKey.generate_key("P-256", {"kid": kid}),
    "EdDSA": lambda kid: OKPKey.generate_key("Ed25519", {"kid": kid}),
}


class Issuer:
    """`keys` are published; `answers` replaces what a path answers; `asked` are the paths that were."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: dict[str, Key] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.make("RS256", "first")

    def make(self, algorithm: str, kid: str) -> Key:
        """A new key, published."""
        self.keys[kid] = _MAKERS[algorithm](kid)
        return self.keys[kid]

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Those of a good token; a change to None takes a claim out."""
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "exp": NOW + 600, "iat": NOW, "nbf": NOW}
        return {name: value for name, value in {**good, **changed}.items() if value is not None}

    def token(self, kid: str = "first", algorithm: str = "RS256", *, key: Key | None = None, **changed: Any) -> str:
        return self.sign(json.dumps(self.claims(**changed)).encode(), {"alg": algorithm, "kid": kid}, key=key)

    def sign(self, payload: bytes, header: dict[str, Any], *, key: Key | None = None) -> str:
        used = key or self.keys[str(header.get("kid", "first"))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            return jws.serialize_compact(header, payload, used, algorithms=[header["alg"]])

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        del headers
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        known = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [key.as_dict(private=False) for key in self.keys.values()]},
        }
        return (200, json.dumps(known[path]).encode()) if path in known else (404, b"{}")


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that answers inside the block."""

    issuer = Issuer()
    with serving_json(issuer.answer) as issuer.url:
        yield issuer
