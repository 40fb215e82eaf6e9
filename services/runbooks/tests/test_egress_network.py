"""The guard in a network of its own, in which a public address and a cloud's metadata service really answer."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.http_api import MappedHttpApi, read_endpoints
from runbooks.errors import PortError

from services.runbooks.tests.api_server import ORIGIN, Server, http

PUBLIC, METADATA = "93.184.216.34", "169.254.169.254"
_NAMESPACE = ["unshare", "--map-root-user", "--net"]
_NETWORK = f'ip link set lo up && ip addr add {PUBLIC}/32 dev lo && ip addr add {METADATA}/32 dev lo && exec "$@"'


async def _listen(address: str, port: int, answer: bytes) -> Server:
    server = Server(answer)
    listener = await asyncio.start_server(server.handle, address, port)
    server.port = listener.sockets[0].getsockname()[1]
    return server


async def _told(base: str, *answers: Sequence[str], calls: int = 1, private: bool = False) -> list[Any]:
    """What each of some calls gives: a body, or the code of its error."""
    left = list(answers)

    async def names(host: str, port: int) -> Sequence[str]:
        del host, port
        return left.pop(0) if len(left) > 1 else left[0]

    api, found = MappedHttpApi(read_endpoints({ORIGIN: {"base": base, "private": private}}), names=names), []
    for _ in range(calls):
        try:
            answer = await api.call("GET", ORIGIN, None, idempotency_key="k", timeout=5, max_bytes=99)
            found.append(answer.body)
        except PortError as error:
            found.append(error.code)
    await api.close()
    return found


async def _inside() -> dict[str, Any]:
    secret = await _listen(METADATA, 80, http(200, b'"secret"'))
    inner = await _listen("127.0.0.1", 80, http(200, b'"secret"'))
    public = await _listen(PUBLIC, 80, http(200, b'"public"'))
    leads = await _listen(PUBLIC, 81, http(302, b"", f"Location: http://{METADATA}/latest/meta-data/"))
    name = "http://name.example"
    return {
        "literal": await _told(f"http://{PUBLIC}", []),
        "name": await _told(name, [PUBLIC]),
        "moves": await _told(name, [PUBLIC], [METADATA], [PUBLIC], ["127.0.0.1"], calls=4),
        "both": await _told(name, [PUBLIC, METADATA]),
        "redirect": await _told(f"{name}:81", [PUBLIC]),
        "private": await _told(name, [METADATA], private=True),
        "connections": [public.connections, leads.connections, secret.connections, inner.connections],
    }


def test_a_public_address_is_reached_and_what_it_leads_to_is_not() -> None:
    if shutil.which("ip") is None or subprocess.run([*_NAMESPACE, "true"], check=False).returncode != 0:
        pytest.skip("this machine lets nobody make a network of their own")
    command = [*_NAMESPACE, "bash", "-c", _NETWORK, "bash", sys.executable, "-m", __spec__.name]
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=60, cwd=Path(__file__).parents[3], encoding="utf-8"
    )
    assert json.loads(done.stdout) == {
        "literal": ["public"],
        "name": ["public"],
        "moves": ["public", "api.address", "public", "api.address"],
        "both": ["api.address"],
        "redirect": ["api.redirect"],
        "private": ["api.address"],
        "connections": [4, 1, 0, 0],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_inside())))  # noqa: T201 (read by the test)
