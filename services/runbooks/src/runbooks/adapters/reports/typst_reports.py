"""A ReportRenderer by typst: templates of a folder, each set in a child process of its own.

The same template, data and time give the same bytes on any machine with this version of typst: the time of the
document is the execution's, fonts are those in the wheel, and the child gets an environment of its own.
"""

from __future__ import annotations

__all__ = ["SECONDS", "TypstReports"]

import asyncio
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from runbooks.adapters.reports.shown import shown
from runbooks.canonical import dumps
from runbooks.errors import PermanentPortError

SECONDS = 60
# Neither zone, language nor number of threads changes a report; they are fixed so that nothing depends on that.
_ENVIRONMENT = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "1"}


class TypstReports:
    """Reports from the `.typ` files of `folder`; one takes at most `seconds`."""

    def __init__(self, folder: Path, *, seconds: int = SECONDS) -> None:
        self._folder = folder
        self._seconds = seconds
        self.engine = "typst " + version("typst")

    def template(self, name: str) -> bytes:
        """See the port."""
        path = self._folder / f"{name}.typ"
        try:
            source = path.read_bytes()
            text = source.decode()
        except (OSError, UnicodeDecodeError) as error:
            known = ", ".join(sorted(found.stem for found in self._folder.glob("*.typ"))) or "none"
            message = f"report template {name}: cannot read {path}: {error}; known: {known}"
            raise PermanentPortError(message, code="report.template") from error
        if '"@' in text:
            message = f"report template {name}: it imports a package; a template stands alone"
            raise PermanentPortError(message, code="report.template")
        return source

    async def render(self, source: bytes, data: Any, at: str) -> bytes:
        """See the port."""
        question = {"source": source.decode(), "data": shown(data), "at": at, "seconds": self._seconds}
        child = await asyncio.create_subprocess_exec(
            # -I: neither the current folder nor a variable says what is imported.
            *(sys.executable, "-I", "-m", "runbooks.adapters.reports.typst_child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )
        try:
            async with asyncio.timeout(self._seconds):
                answer, _ = await child.communicate(dumps(question))
        except TimeoutError:
            message = f"typst did not end within {self._seconds} s; the report is too large"
            raise PermanentPortError(message, code="report.limit") from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if not answer:
            message = "typst ended without an answer; the report takes too much time or memory"
            raise PermanentPortError(message, code="report.limit")
        if answer[0] == 0:
            raise PermanentPortError(f"typst cannot set the report: {answer[1:].decode()}", code="report.render")
        return answer[1:]
