"""Evaluates what a manifest says, JSONata expressions, SQL, Rego policies and JSON Schemas, outside this process.

All are programs by strangers. They may never end, take all memory or crash the interpreter, so each language has a
child of its own, which is started at the first question and killed when an answer does not come. What a child sends
back is parsed as strictly as a file.
"""

from __future__ import annotations

__all__ = ["BudgetError", "EvaluationError", "MissingEngineError", "NotFiniteError", "Sandbox"]

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pcq_verify.child_process import ChildError, ChildProcess
from pcq_verify.jcs import canonical
from pcq_verify.strict_json import StrictJsonError, parse_json

# The engine stops an expression after 2 s by itself; a decision and a schema have 5 s (spec/execution.md, 2;
# spec/provers.md, 2 and 10).
_EXPRESSION_SECONDS = 5.0
_STATEMENT_SECONDS = 5.0
_DECISION_SECONDS = 5.0
_SCHEMA_SECONDS = 5.0
_BUDGET_SECONDS = 60.0


class EvaluationError(ValueError):
    """The expression is refused, does not parse, fails, or does not end."""


class NotFiniteError(EvaluationError):
    """The expression has a value that is no I-JSON: infinite, NaN, beyond 2^53 - 1, too deep."""


class MissingEngineError(LookupError):
    """The engine that a manifest names is not installed in that version; the message says what to do."""


class BudgetError(RuntimeError):
    """All evaluations together took longer than one verification may."""


class Sandbox:
    """Evaluates, one question at a time, with the policies of one bundle; a context manager that ends its children."""

    def __init__(
        self,
        bundle: Mapping[str, Any] | None = None,
        *,
        sql_engine: str | None = None,
        budget: float = _BUDGET_SECONDS,
    ) -> None:
        self._sql_engine = sql_engine
        self._expressions = ChildProcess("expressions")
        self._statements = ChildProcess("statements")
        self._policies = ChildProcess("policies")
        self._schemas = ChildProcess("schemas")
        self._bundle = b'{"bundle":%s}' % canonical(bundle or {"modules": {}, "data": {}})
        self._decisions: dict[bytes, str] = {}
        self._budget = self._left = budget

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *unused: object) -> None:
        self._expressions.close()
        self._statements.close()
        self._policies.close()
        self._schemas.close()

    def evaluate(self, expression: str, data: Any) -> Any:
        """The JSONata value of `expression` over `data`, null if there is none; raises EvaluationError, BudgetError."""
        return self.evaluate_each(expression, [data])[0]

    def evaluate_each(self, expression: str, items: Iterable[Any]) -> list[Any]:
        """The value over each item in turn; raises on the first that fails."""
        documents = [canonical(item) for item in items]
        question = b'{"expression":%s,"items":[%s]}' % (canonical(expression), b",".join(documents))
        try:
            with self._clock():
                self._expressions.send(question)
                return [_value(self._expressions.receive(_EXPRESSION_SECONDS)) for _ in documents]
        except ChildError as error:
            raise EvaluationError(str(error)) from None
        except EvaluationError:
            # The child still has answers to the remaining items; the next question must not read them.
            if len(documents) > 1:
                self._expressions.close()
            raise

    def rows(self, sql: str, inputs: Any, columns: Any) -> Any:
        """The rows of a statement over the tables of `inputs`.

        Raises EvaluationError, BudgetError, and MissingEngineError when the engine that the manifest names is not here.
        """
        asked = {"sql": sql, "inputs": inputs, "columns": columns, "engine": self._sql_engine}
        question = canonical(asked)
        try:
            with self._clock():
                self._statements.send(question)
                answer = self._statements.receive(_STATEMENT_SECONDS)
        except ChildError as error:
            raise EvaluationError(str(error)) from None
        if answer[:1] == b"?":
            raise MissingEngineError(answer[1:].decode("utf-8", "replace"))
        return _value(answer)

    def decide(self, query: str, document: Any) -> str:
        """`allow`, `deny`, `undefined`, `non-boolean` or `error` (spec/provers.md, 2); raises BudgetError."""
        question = b'{"query":%s,"input":%s}' % (canonical(query), canonical(document))
        if question not in self._decisions:
            self._decisions[question] = self._decide(question)
        return self._decisions[question]

    def _decide(self, question: bytes) -> str:
        try:
            with self._clock():
                if not self._policies.is_running:
                    self._policies.send(self._bundle)
                self._policies.send(question)
                answer = self._policies.receive(_DECISION_SECONDS)
        except ChildError:
            return "error"
        decision = answer.decode("ascii", "replace")
        return decision if decision in ("allow", "deny", "undefined", "non-boolean") else "error"

    def conforms(self, schema: Any, value: Any) -> bool | None:
        """Whether `value` is valid under `schema`, None when the schema cannot be used; raises BudgetError."""
        question = b'{"schema":%s,"value":%s}' % (canonical(schema), canonical(value))
        try:
            with self._clock():
                self._schemas.send(question)
                answer = self._schemas.receive(_SCHEMA_SECONDS)
        except ChildError:
            return None
        return {b"valid": True, b"invalid": False}.get(answer)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        if self._left <= 0:
            raise BudgetError(f"evaluating took more than {self._budget:.0f} s in all")
        started = time.monotonic()
        try:
            yield
        finally:
            self._left -= time.monotonic() - started


def _value(answer: bytes) -> Any:
    if answer[:1] == b"!":
        raise EvaluationError(answer[1:].decode("utf-8", "replace"))
    try:
        return parse_json(answer)
    except StrictJsonError as error:
        raise NotFiniteError(f"the value is no I-JSON: {error}") from None
