"""Policy decisions from one bundle with regopy (spec/provers.md, 2). Runs in the sandbox's child, and nowhere else:
the engine brings an allocator of its own, and a process that loaded another library of C++ before (DuckDB) dies in it.

The plan of a bundle names every builtin that any of its modules could call. One name outside the allow-list and every
decision is `error`: a policy that reads a clock cannot be asked twice.
"""

from __future__ import annotations

__all__ = ["ALLOWED_BUILTINS", "Policies"]

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_QUERY = re.compile(r"data(\.[A-Za-z_][A-Za-z0-9_]*){2,}")

ALLOWED_BUILTINS = frozenset(Path(__file__).with_name("rego-builtins.txt").read_text(encoding="ascii").split())


class Policies:
    """A bundle, loaded once; each query is compiled once."""

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        self._bundle = bundle
        self._interpreter: Any = None
        self._plans: dict[str, Any] = {}

    def decide(self, query: str, document: Any) -> str:
        """`allow`, `deny`, `undefined`, `non-boolean` or `error`; never raises for a policy's fault."""
        from regopy import RegoError

        if not _QUERY.fullmatch(query):
            return "error"
        try:
            return self._evaluate(query, document)
        except (RegoError, ValueError, RuntimeError, KeyError, RecursionError):
            return "error"

    def _evaluate(self, query: str, document: Any) -> str:
        if self._interpreter is None:
            self._interpreter = _load(self._bundle)
        if query not in self._plans:
            self._plans[query] = _compile(self._interpreter, query)
        plan = self._plans[query]
        if plan is None:
            return "error"
        self._interpreter.set_input_term(_written(document))
        output = self._interpreter.query_bundle(plan)
        if not output.ok():
            return "error"
        if str(output) == "undefined" or not output.results:
            return "undefined"
        value = output.results[0].bindings["x"]
        if value is True:
            return "allow"
        return "deny" if value is False else "non-boolean"


def _written(value: Any) -> str:
    # The engine's own writer escapes what is not ASCII, of which no text is then found again, and rounds numbers.
    return json.dumps(value, ensure_ascii=False)


def _load(bundle: Mapping[str, Any]) -> Any:
    from regopy import Interpreter

    interpreter = Interpreter()
    interpreter.strict_built_in_errors = True
    modules = sorted(bundle["modules"].items(), key=lambda item: item[0].encode())
    for index, (_, source) in enumerate(modules):
        # A bundle's paths are a stranger's words, and saving a plan writes files of the modules' names.
        interpreter.add_module(f"module-{index:05d}.rego", source)
    interpreter.add_data_json(_written(bundle["data"]))
    return interpreter


def _compile(interpreter: Any, query: str) -> Any:
    """The plan of a query, or None when it does not build or names a builtin that is not allowed."""
    from regopy import BundleFormat

    plan = interpreter.build(f"x := {query}")
    if not plan.ok():
        return None
    with tempfile.TemporaryDirectory() as folder:
        interpreter.save_bundle(folder, plan, BundleFormat.JSON)
        static = json.loads((Path(folder) / "plan.json").read_bytes())["static"]
    names = {item["name"] for item in static.get("builtin_funcs") or ()}
    return plan if names <= ALLOWED_BUILTINS else None
