"""An identity provider on loopback: real keys, discovery, a key set that is rotated, and tokens that it signs."""

from __future__ import annotations

__all__ = ["AUDIENCE", "NOW", "Issuer", "issuing"]

import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

AUDIENCE = "https://runbooks.example.com"
NOW = 1_800_000_000
_MAKERS = {
    "RS256": lambda kid: RSAKey.generate_key(2048, {"kid": kid}),
    "ES256": lambda kid: ECKey.generate_key("P-256", {"kid": kid}),
    "EdDSA": lambda kid: OKPKey.generate_key("Ed25519", {"kid": kid}),
}


class Issuer:
    """`keys` are published; `answers` replaces what a path answers; `asked` are the paths that were."""

    def __init__(self, url: str) -> None:
        self.url = url
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

    def answer(self, path: str) -> tuple[int, bytes]:
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

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
