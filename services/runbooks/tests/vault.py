"""A server on loopback that answers as the KV store of Vault, version 2, is documented to; Vault itself is not here."""

from __future__ import annotations

__all__ = ["Vault", "vault_serving"]

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from services.runbooks.tests.json_server import serving_json


@dataclass
class Vault:
    """`secrets` by `mount/path`: None is deleted; `broken` replaces every answer; `asked` are path and headers."""

    token: str
    url: str = ""
    secrets: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    broken: tuple[int, bytes] | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append((path, headers))
        if self.broken is not None:
            return self.broken
        if headers.get("x-vault-token") != self.token or headers.get("x-vault-request") != "true":
            return 403, b'{"errors":["permission denied"]}'
        mount, _, rest = path.removeprefix("/v1/").partition("/data/")
        name = f"{mount}/{rest}"
        if name not in self.secrets:
            return 404, b'{"errors":[]}'
        data = self.secrets[name]
        metadata = {"version": 2, "destroyed": False, "deletion_time": "" if data else "2026-03-01T12:00:00Z"}
        answer = {"request_id": "1", "lease_duration": 0, "data": {"data": data, "metadata": metadata}, "auth": None}
        return 200 if data else 404, json.dumps(answer).encode()


@contextmanager
def vault_serving(token: str) -> Iterator[Vault]:
    """A store that takes that token."""
    vault = Vault(token)

    with serving_json(vault.answer) as vault.url:
        yield vault
