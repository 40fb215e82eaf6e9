"""The embedded policy engine: rego-cpp in a child process that is killed when it does not answer."""

from __future__ import annotations

__all__ = ["EmbeddedRego"]

import asyncio
import re
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from runbooks.canonical import dumps
from runbooks.errors import CanonicalError

_SECONDS = 5.0
_RULE = re.compile(r"data(\.[A-Za-z_][A-Za-z0-9_]*){2,}")
_DECISIONS = {b"allow", b"deny", b"undefined", b"non-boolean", b"error"}


class EmbeddedRego:
    """A PolicyEngine over one bundle; the child starts with the first question and again after a kill."""

    def __init__(self, bundle: Mapping[str, Any], *, seconds: float = _SECONDS) -> None:
        self._bundle = dumps(bundle)
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self.engine = "regopy " + version("regopy")

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        """See the port."""
        if not _RULE.fullmatch(query):
            return "error"  # nothing but the path of a rule is evaluated
        try:
            question = dumps({"query": query, "input": document})
        except CanonicalError:
            return "error"
        async with self._lock:
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._ask(question)
            except (TimeoutError, OSError):
                answer = b""
            except asyncio.CancelledError:
                # The answer would come in as that of the next question.
                await self._kill()
                raise
            if answer not in _DECISIONS:
                await self._kill()
                return "error"
        return answer.decode("ascii")

    async def close(self) -> None:
        """See the port."""
        await self._kill()

    async def _ask(self, question: bytes) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                # -P: no module of the current folder stands before those of the installation.
                *(sys.executable, "-P", "-m", "runbooks.adapters.policy.rego_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            self._write(self._process, self._bundle)
        self._write(self._process, question)
        if self._process.stdin is None or self._process.stdout is None:
            return b""
        await self._process.stdin.drain()
        return (await self._process.stdout.readline()).strip()

    def _write(self, process: asyncio.subprocess.Process, line: bytes) -> None:
        if process.stdin is not None:
            process.stdin.write(line + b"\n")

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
