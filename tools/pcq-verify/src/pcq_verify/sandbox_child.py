"""The child's side of `sandbox`: reads framed questions, evaluates, writes framed answers.

A question is JSON: `expression` and `items` (one answer an item, which is JSON, or `!` and why there is no value),
`sql`, `inputs`, `columns` and `engine` (one answer: the rows, `!` and why none, or `?` and why it cannot say),
`bundle` (no answer), `query` and `input` (one answer, the decision), or `schema` and `value` (one answer: `valid`,
`invalid` or `unusable`). The parent wrote the questions, so `json` may read them.
"""

from __future__ import annotations

__all__ = ["main"]

import contextlib
import json
import os
import resource
from typing import Any, BinaryIO

_MEMORY_BYTES = 2 << 30
_MAX_ANSWER = 64 * 1024 * 1024


def main(role: str) -> None:
    """Answer questions from standard input until it ends."""
    questions, answers = _take_over()
    _limit(resource.RLIMIT_CORE, 0)
    if role == "policies":
        _answer_policies(questions, answers)
        return
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    if role == "expressions":
        _answer_expressions(questions, answers)
    elif role == "statements":
        _answer_statements(questions, answers)
    else:
        _answer_schemas(questions, answers)


def _answer_expressions(questions: BinaryIO, answers: BinaryIO) -> None:
    import jsonatapy  # noqa: F401 - loaded before the first question, whose time is limited

    from pcq_verify.expressions import ExpressionError, evaluate

    def answer(expression: str, data: Any) -> bytes:
        try:
            body = json.dumps(evaluate(expression, data), ensure_ascii=False).encode("utf-8")
        except (ExpressionError, RecursionError, TypeError, ValueError) as error:
            return b"!" + str(error).encode("utf-8", "replace")
        return body if len(body) <= _MAX_ANSWER else b"!the value is too large"

    _write(answers, b"ready")
    while (question := _read(questions)) is not None:
        for item in question["items"]:
            _write(answers, answer(question["expression"], item))


def _answer_statements(questions: BinaryIO, answers: BinaryIO) -> None:
    from pcq_verify.sql import StatementError, UnavailableEngineError, load_engine, rows_of

    def answer(question: dict[str, Any]) -> bytes:
        try:
            engine = load_engine(question["engine"])
            rows = rows_of(engine, question["sql"], question["inputs"], question["columns"])
        except UnavailableEngineError as error:
            return b"?" + str(error).encode("utf-8", "replace")
        except StatementError as error:
            return b"!" + str(error).encode("utf-8", "replace")
        body = json.dumps(rows, ensure_ascii=False).encode("utf-8")
        return body if len(body) <= _MAX_ANSWER else b"!the value is too large"

    with contextlib.suppress(UnavailableEngineError):
        # Loaded before the first question, whose time is limited.
        load_engine(None)
    _write(answers, b"ready")
    while (question := _read(questions)) is not None:
        _write(answers, answer(question))


def _answer_policies(questions: BinaryIO, answers: BinaryIO) -> None:
    from pcq_verify.rego import Policies

    policies: Policies | None = None
    _write(answers, b"ready")
    while (question := _read(questions)) is not None:
        if "bundle" in question:
            policies = Policies(question["bundle"])
        elif policies is not None:
            _write(answers, policies.decide(question["query"], question["input"]).encode("ascii"))


def _answer_schemas(questions: BinaryIO, answers: BinaryIO) -> None:
    from pcq_verify.conformance import conforms

    _write(answers, b"ready")
    while (question := _read(questions)) is not None:
        _write(answers, conforms(question["schema"], question["value"]).encode("ascii"))


def _take_over() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, moved to where nothing that an engine prints can reach them."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return questions, answers


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _read(questions: BinaryIO) -> dict[str, Any] | None:
    head = questions.read(4)
    if len(head) < 4:
        return None
    question: dict[str, Any] = json.loads(questions.read(int.from_bytes(head, "big")))
    return question


def _write(answers: BinaryIO, body: bytes) -> None:
    answers.write(len(body).to_bytes(4, "big") + body)
    answers.flush()
