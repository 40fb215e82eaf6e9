"""The embedded policy engine: rego-cpp in a child process that is killed when it does not answer."""

from __future__ import annotations

__all__ = ["SECONDS", "EmbeddedRego", "Inspection", "is_rule"]

import asyncio
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from runbooks.canonical import dumps
from runbooks.errors import CanonicalError

SECONDS = 5.0
_RULE = re.compile(r"data(\.[A-Za-z_][A-Za-z0-9_]*){2,}")
_DECISIONS = frozenset({"allow", "deny", "undefined", "non-boolean", "error"})
_MAX_LINE = 16 * 1024 * 1024


@dataclass(frozen=True)
class Inspection:
    """What a bundle is, before it is asked.

    `refusal` says why every question is answered `error`, None when it loads; `faults` are the places that OPA's
    compiler refuses and the embedded engine does not; `rules` is `pkg.name` of every rule.
    """

    refusal: str | None
    faults: list[str]
    rules: list[str]


def is_rule(query: str) -> bool:
    """True when `query` is `data.` and the path of a rule: nothing else is ever evaluated."""
    return _RULE.fullmatch(query) is not None


class EmbeddedRego:
    """A PolicyEngine over one bundle; the child starts with the first question and again after a kill."""

    def __init__(self, bundle: Mapping[str, Any], *, seconds: float = SECONDS) -> None:
        self._bundle = dumps(bundle)
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._asked: list[tuple[bytes, asyncio.Future[Any]]] = []
        self.engine = "regopy " + version("regopy")

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        """See the port."""
        if not is_rule(query) or not isinstance(document, dict):
            return "error"
        try:
            question = dumps({"query": query, "input": document})
        except CanonicalError:
            return "error"
        answer = await self._ask(question)
        return answer if isinstance(answer, str) and answer in _DECISIONS else "error"

    async def inspect(self) -> Inspection | None:
        """What the bundle is; None when the child did not say so in time."""
        answer = await self._ask(dumps({"inspect": True}))
        return Inspection(**answer) if isinstance(answer, dict) else None

    async def close(self) -> None:
        """See the port."""
        await self._kill()

    async def _ask(self, question: bytes) -> Any:
        """The child's answer, or None; then the next question has a new child."""
        asked = (question, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        try:
            async with self._lock:
                # Whoever had the lock before may have asked this one too.
                if not asked[1].done():
                    await self._exchange()
        except asyncio.CancelledError:
            self._asked = [item for item in self._asked if item is not asked]
            raise
        return asked[1].result()

    async def _exchange(self) -> None:
        """Ask all that wait in one go: a busy event loop then costs one turn for all of them, and not one for each."""
        batch, self._asked = self._asked, []
        answered = 0
        try:
            while answered < len(batch):
                try:
                    async with asyncio.timeout(self._seconds):
                        await self._send(question for question, _ in batch[answered:])
                    for _, future in batch[answered:]:
                        async with asyncio.timeout(self._seconds):
                            future.set_result(json.loads(await self._receive()))
                        answered += 1
                except (TimeoutError, OSError, ValueError):
                    await self._kill()
                    batch[answered][1].set_result(None)
                    answered += 1
        except asyncio.CancelledError:
            # The answer would come in as that of the next question. Others ask theirs again.
            self._asked = [item for item in batch if not item[1].done()] + self._asked
            await self._kill()
            raise

    async def _receive(self) -> bytes:
        if self._process is None or self._process.stdout is None:
            return b""
        return await self._process.stdout.readline()

    async def _send(self, questions: Iterable[bytes]) -> None:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                # -P: no module of the current folder stands before those of the installation.
                *(sys.executable, "-P", "-m", "runbooks.adapters.policy.rego_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=_MAX_LINE,
            )
            self._write(self._process, self._bundle)
        for question in questions:
            self._write(self._process, question)
        if self._process.stdin is not None:
            await self._process.stdin.drain()

    def _write(self, process: asyncio.subprocess.Process, line: bytes) -> None:
        if process.stdin is not None:
            process.stdin.write(line + b"\n")

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
