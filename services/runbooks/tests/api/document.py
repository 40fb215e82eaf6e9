"""Prints the OpenAPI document of the API as spec/openapi.json has it."""

from __future__ import annotations

__all__ = ["written"]

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from services.runbooks.tests.api.conftest import opened_api
from services.runbooks.tests.gates import LIMITS, service_bundle
from services.runbooks.tests.simulator import World


def written(document: Any) -> str:
    """The document as the file has it."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


async def _document(folder: Path) -> Any:
    async with opened_api(World(folder), folder, LIMITS, service_bundle()) as api:
        return (await api.http.get("/openapi.json")).json()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        sys.stdout.write(written(asyncio.run(_document(Path(name)))))
