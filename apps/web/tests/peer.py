"""Answers questions with the engines of `pcq-verify`, one JSON text a line: the other side of the comparison tests."""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any

from pcq_verify import verify
from pcq_verify.conformance import conforms
from pcq_verify.expressions import ExpressionError, evaluate
from pcq_verify.rego import Policies
from pcq_verify.sql import StatementError, load_engine, rows_of
from pcq_verify.strict_json import StrictJsonError, parse_json
from resealing import resealed

SQL_ENGINE = "duckdb 2.0.1"


def _expression(question: dict[str, Any]) -> Any:
    try:
        value = json.dumps(evaluate(question["expression"], question["data"]), ensure_ascii=False).encode("utf-8")
        return {"value": parse_json(value)}
    except StrictJsonError:
        return {"failed": "not finite"}
    except (ExpressionError, RecursionError, TypeError, ValueError) as error:
        return {"failed": "error", "why": str(error)}


def _policy(question: dict[str, Any]) -> Any:
    policies = Policies({"modules": question["modules"], "data": question["data"]})
    return [policies.decide(question["query"], document) for document in question["inputs"]]


def _schema(question: dict[str, Any]) -> Any:
    return [conforms(question["schema"], value) for value in question["values"]]


def _statement(question: dict[str, Any]) -> Any:
    try:
        rows = rows_of(load_engine(SQL_ENGINE), question["sql"], question["inputs"], question["columns"])
        return {"value": parse_json(json.dumps(rows, ensure_ascii=False).encode("utf-8"))}
    except (StatementError, StrictJsonError) as error:
        return {"failed": "error", "why": str(error)}


def _verification(question: dict[str, Any]) -> Any:
    report = verify(base64.b64decode(question["manifest"]), base64.b64decode(question["trust"]))
    return [report.exit_code, [check.status.value for check in report.checks], report.reason]


def _resealed(question: dict[str, Any]) -> Any:
    data = resealed(json.loads(base64.b64decode(question["manifest"])), question["seed"])
    if data is None:
        return None
    manifest = base64.b64encode(data).decode()
    return {"manifest": manifest, "verdict": _verification({**question, "manifest": manifest})}


_KINDS = {
    "expression": _expression,
    "policy": _policy,
    "schema": _schema,
    "statement": _statement,
    "verification": _verification,
    "resealed": _resealed,
}


def main() -> None:
    """Until the input ends."""
    # An engine prints what it pleases; the answers go where it cannot reach.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        answer = _KINDS[question["kind"]](question)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
