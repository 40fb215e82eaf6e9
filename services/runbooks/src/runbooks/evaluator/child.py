"""The child's side of `process`: reads framed questions, evaluates, writes framed answers.

A frame is 8 bytes of length, big-endian, and a body: a list of arguments in, here `["expression", text, data]` or
`["schema", schema, value]`, and `[value, code, message]` out, both JSON; `code` is null where there is a value. The
first frame out, an empty list, says that the child listens.
"""

from __future__ import annotations

__all__ = ["main", "serve"]

import os
import resource
import signal
from collections.abc import Callable
from typing import Any, BinaryIO

import orjson

from runbooks.errors import ExpressionError, SchemaError

_MEMORY_BYTES = 2 << 30
_MAX_ANSWER = 64 * 1024 * 1024
_CPU_SECONDS = 10


def main() -> None:
    """Evaluate expressions and apply schemas."""
    import jsonatapy  # noqa: F401 (loaded before the memory is limited and the first question waits)
    import jsonschema_rs  # noqa: F401 (likewise)

    from runbooks.evaluator.engine import evaluate_here
    from runbooks.evaluator.schemas import findings_here

    kinds: dict[str, Callable[..., Any]] = {"expression": evaluate_here, "schema": findings_here}
    serve(lambda kind, *arguments: kinds[kind](*arguments))


def serve(evaluate: Callable[..., Any]) -> None:
    """Answer questions from standard input until it ends, each with the value of `evaluate` of its arguments."""
    # Ctrl-C is for the service, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, answers = _take_over()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    _write(answers, [])
    while (head := questions.read(8)) and len(head) == 8:
        body = questions.read(int.from_bytes(head, "big"))
        # Whoever would kill this process may itself be dead.
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + _CPU_SECONDS)
        _write(answers, _answer(evaluate, body))


def _answer(evaluate: Callable[..., Any], body: bytes) -> list[Any]:
    try:
        value = [evaluate(*orjson.loads(body)), None, None]
        if len(orjson.dumps(value)) <= _MAX_ANSWER:
            return value
    except (ExpressionError, SchemaError) as error:
        return [None, error.code, str(error)]
    except MemoryError:
        pass
    except BaseException as error:  # a panic of the engine is no Exception
        return [None, "expression.failed", f"the evaluator failed: {error}"]
    return [
        None,
        "expression.limit",
        f"it took more than {_MEMORY_BYTES >> 30} GiB, or gave more than 64 MiB",
    ]


def _take_over() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, moved to where nothing that the engine prints can reach them."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return questions, answers


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _write(answers: BinaryIO, answer: list[Any]) -> None:
    body = orjson.dumps(answer)
    answers.write(len(body).to_bytes(8, "big") + body)
    answers.flush()


if __name__ == "__main__":
    main()
