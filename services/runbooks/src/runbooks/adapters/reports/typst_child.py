"""The child process that sets one report: a question from standard input, one answer to standard output, and it ends.

In: JSON `{"source", "data", "at", "seconds"}`, to the end. Out: a byte 1 and the PDF, or a byte 0 and what was wrong.
A template sees no file, no package, and of fonts those compiled into typst; what the process may use of time and
memory is limited, whatever becomes of the one that started it.
"""

from __future__ import annotations

__all__ = ["main"]

import json
import os
import resource
import sys
import tempfile
from datetime import datetime
from typing import Any

_MEMORY_BYTES = 2 << 30


def main() -> None:
    """Set the report that standard input asks for."""
    question = json.loads(sys.stdin.buffer.read())
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, question["seconds"])
    # What the engine prints must not get into the answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with answers:
        answers.write(_answer(question))


def _answer(question: dict[str, Any]) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as nothing:
        try:
            pdf: bytes = typst.compile(
                question["source"].encode(),
                root=nothing,
                package_path=nothing,
                package_cache_path=nothing,
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(question["data"], ensure_ascii=False)},
                pdf_standards=["a-2a", "ua-1"],
                timestamp=datetime.fromisoformat(question["at"]).replace(microsecond=0),
                format="pdf",
            )
        except typst.TypstError as error:
            return b"\0" + "; ".join([error.message, *error.hints]).encode()
        except MemoryError:
            raise
        except BaseException as error:  # a panic of the engine is no Exception
            return b"\0" + f"the engine failed: {error}".encode()
    return b"\1" + pdf


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    main()
