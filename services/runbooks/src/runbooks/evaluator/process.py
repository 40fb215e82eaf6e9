"""Children for what is not plain or not small: limited in memory, killed when they do not answer, started when needed.

One for expressions and schemas and one for statements, each for one question at a time, framed as `child` says. It
waits, as an evaluation in this process would. Whatever ends the child is an ExpressionError `expression.limit` or
`sql.limit`, or a SchemaError `schema.limit`; the next question has a new child.
"""

from __future__ import annotations

__all__ = ["ask_sql_child", "evaluate_in_child", "findings_in_child"]

import atexit
import os
import select
import subprocess
import sys
import threading
import time
from typing import Any

import orjson

from runbooks.errors import ExpressionError, SchemaError

_SECONDS = 5.0
_START_SECONDS = 30.0


class _ChildEndedError(Exception):
    """The child gave no answer and is dead."""


class _Child:
    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, question: bytes) -> bytes:
        """The answer to one question; raises _ChildEndedError."""
        with self._lock:
            try:
                process = self._running()
                self._send(process, question)
                return self._receive(process, _SECONDS)
            except BaseException:
                # A late answer must not be taken for that of the next question.
                self._end()
                raise

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner == os.getpid():
            return self._process
        # -P: no module of the current folder stands before those of the installation.
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter itself, with a module of ours
            [sys.executable, "-P", "-m", self._module],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._owner = os.getpid()
        self._receive(self._process, _START_SECONDS)
        return self._process

    def _send(self, process: subprocess.Popen[bytes], body: bytes) -> None:
        frame = memoryview(len(body).to_bytes(8, "big") + body)
        try:
            while frame and process.stdin is not None:
                frame = frame[process.stdin.write(frame) :]
        except OSError:
            raise _ChildEndedError from None

    def _receive(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        head = self._read(process, 8, deadline)
        return self._read(process, int.from_bytes(head, "big"), deadline)

    def _read(self, process: subprocess.Popen[bytes], count: int, deadline: float) -> bytes:
        if process.stdout is None:
            raise _ChildEndedError
        descriptor, parts = process.stdout.fileno(), []
        # `poll`, for `select` refuses descriptors beyond 1023.
        ready = select.poll()
        ready.register(descriptor, select.POLLIN | select.POLLHUP)
        while count:
            if not ready.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise _ChildEndedError
            part = os.read(descriptor, min(count, 1 << 20))
            if not part:
                raise _ChildEndedError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        if self._owner == os.getpid():
            process.kill()
            process.wait()


_EXPRESSIONS, _STATEMENTS = _Child("runbooks.evaluator.child"), _Child("runbooks.evaluator.sql_child")
atexit.register(_EXPRESSIONS.close)
atexit.register(_STATEMENTS.close)


def evaluate_in_child(text: str, data: Any) -> Any:
    """The expression's value over `data`; no result is None. Raises ExpressionError."""
    return _ask(_EXPRESSIONS, ["expression", text, data], f"expression {text!r}")


def ask_sql_child(text: str, *arguments: Any) -> Any:
    """What `sql_child` says of a statement; raises ExpressionError."""
    try:
        return _ask(_STATEMENTS, [text, *arguments], f"statement {text[:200]!r}")
    except ExpressionError as error:
        raise ExpressionError(str(error), code=error.code.replace("expression.", "sql.")) from None


def _ask(child: _Child, question: list[Any], what: str) -> Any:
    try:
        body = orjson.dumps(question)
    except orjson.JSONEncodeError as error:
        raise ExpressionError(f"{what}: its data are no JSON: {error}", code="expression.failed") from None
    try:
        answer = child.ask(body)
    except _ChildEndedError:
        message = f"{what} took more than {_SECONDS:.0f} s or too much memory; make it do less"
        raise ExpressionError(message, code="expression.limit") from None
    value, code, message = orjson.loads(answer)
    if code is not None:
        raise ExpressionError(message, code=code)
    return value


def findings_in_child(schema: Any, value: Any) -> list[list[str]]:
    """As `findings_here`; raises SchemaError."""
    message = f"applying the schema took more than {_SECONDS:.0f} s or too much memory; make it simpler"
    try:
        answer = _EXPRESSIONS.ask(orjson.dumps(["schema", schema, value]))
    except _ChildEndedError:
        raise SchemaError(message, code="schema.limit") from None
    found, code, said = orjson.loads(answer)
    if code is not None:
        raise SchemaError(said if code == SchemaError.code else message, code=code.replace("expression", "schema"))
    findings: list[list[str]] = found
    return findings
