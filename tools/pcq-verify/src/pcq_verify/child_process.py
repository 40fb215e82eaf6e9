"""One child that answers framed questions: started late, watched while it thinks, killed when it takes too much.

A frame is 4 bytes of length, big-endian, and a body. Needs a POSIX system (pipes, `poll`).
"""

from __future__ import annotations

__all__ = ["ChildError", "ChildProcess"]

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from pcq_verify.strict_json import MAX_BYTES

_START_SECONDS = 30.0
_WATCH_SECONDS = 0.05
_MEMORY_BYTES = 2 << 30

_BOOT = "import sys; role, *sys.path = sys.argv[1:]; from pcq_verify.sandbox_child import main; main(role)"


class ChildError(RuntimeError):
    """The child gave no answer: it crashed, took too long or took too much memory. It is dead."""


class ChildProcess:
    """A child in one role: `expressions`, `statements`, `policies` or `schemas`."""

    def __init__(self, role: str) -> None:
        self._role = role
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """True from the first frame until the child fails or is closed."""
        return self._process is not None

    def send(self, body: bytes) -> None:
        """Write one frame; raises ChildError."""
        process = self._process or self._start()
        try:
            if process.stdin is not None:
                process.stdin.write(len(body).to_bytes(4, "big") + body)
                process.stdin.flush()
        except OSError:
            self._fail("the evaluator ended")

    def receive(self, seconds: float) -> bytes:
        """The next frame within `seconds`; raises ChildError."""
        deadline = time.monotonic() + seconds
        length = int.from_bytes(self._read(4, deadline), "big")
        if length > MAX_BYTES:
            self._fail(f"an answer of {length} bytes, expected at most {MAX_BYTES}")
        return self._read(length, deadline)

    def close(self) -> None:
        """End the child, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            # A question that the child never read is still in the buffer and cannot be written any more.
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # -I -S: neither the environment nor a start-up file may put code into the child.
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter itself, with a constant program
            [sys.executable, "-I", "-S", "-c", _BOOT, self._role, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.receive(_START_SECONDS)
        return self._process

    def _read(self, count: int, deadline: float) -> bytes:
        if self._process is None or self._process.stdout is None:
            raise ChildError("the evaluator ended")
        descriptor, parts = self._process.stdout.fileno(), []
        while count:
            self._wait(descriptor, deadline)
            part = os.read(descriptor, min(count, 1 << 20))
            if not part:
                self._fail("the evaluator crashed")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _wait(self, descriptor: int, deadline: float) -> None:
        # `poll`, for `select` refuses descriptors beyond 1023 and a caller may have many files open.
        answers = select.poll()
        answers.register(descriptor, select.POLLIN | select.POLLHUP)
        while not answers.poll(_WATCH_SECONDS * 1000):
            if time.monotonic() > deadline:
                self._fail("the evaluator gave no answer in time")
            if self._memory() > _MEMORY_BYTES:
                self._fail(f"the evaluator took more than {_MEMORY_BYTES >> 20} MiB")

    def _memory(self) -> int:
        # A limit on address space would not do: the Rego engine reserves 256 GiB of it when it starts.
        try:
            pages = (
                Path(f"/proc/{self._process.pid if self._process else 0}/statm").read_text(encoding="ascii").split()[1]
            )
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _fail(self, message: str) -> None:
        self.close()
        raise ChildError(message)
