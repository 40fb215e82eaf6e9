"""The child process that evaluates Rego: one bundle, one interpreter, one question a line.

It exists so that a hostile policy can be killed: neither an endless pattern nor a crash of the
interpreter reaches the service. First line in: the bundle; then `{"query", "input"}` a line; each is
answered with one line, a decision of spec/provers.md, 2.
"""

from __future__ import annotations

__all__ = ["RegoBundle"]

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from runbooks.adapters.policy.rego_builtins import ALLOWED_BUILTINS


class RegoBundle:
    """A loaded bundle; a bundle that does not load answers `error` to everything."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        from regopy import Interpreter

        self._interpreter = Interpreter()
        self._interpreter.strict_built_in_errors = True
        self._plans: dict[str, Any] = {}
        # The bundle's own paths stay out: saving a plan writes files under the modules' names.
        for number, (_, text) in enumerate(sorted(bundle["modules"].items())):
            self._interpreter.add_module(f"module-{number}.rego", text)
        self._interpreter.add_data(bundle["data"])

    def decide(self, query: str, document: dict[str, Any]) -> str:
        """The decision for one input."""
        if query not in self._plans:
            self._plans[query] = self._plan(query)
        self._interpreter.set_input(document)
        output = self._interpreter.query_bundle(self._plans[query])
        if not output.ok():
            return "error"
        # A rule without a value gives one result without a binding.
        bindings = output.results[0].bindings if output.results else {}
        if "x" not in bindings:
            return "undefined"
        value = bindings["x"]
        if value is True or value is False:
            return "allow" if value else "deny"
        return "non-boolean"

    def _plan(self, query: str) -> Any:
        from regopy import BundleFormat

        plan = self._interpreter.build(f"x := {query}")
        with tempfile.TemporaryDirectory() as folder:
            self._interpreter.save_bundle(folder, plan, BundleFormat.JSON)
            static = json.loads((Path(folder) / "plan.json").read_bytes())["static"]
        used = {builtin["name"] for builtin in static.get("builtin_funcs") or ()}
        refused = used - ALLOWED_BUILTINS
        if refused:
            raise ValueError(f"builtins outside the allow-list: {', '.join(sorted(refused))}")
        return plan


def _serve() -> None:
    from regopy.rego_shared import RegoError

    bundle = None
    for line in sys.stdin.buffer:
        message = json.loads(line)
        try:
            if "modules" in message:
                bundle = RegoBundle(message)
                continue
            decision = bundle.decide(message["query"], message["input"]) if bundle else "error"
        except (RegoError, ValueError, KeyError, IndexError) as error:
            print(str(error)[:500], file=sys.stderr)  # noqa: T201 (the service's log)
            decision = "error"
        if "query" in message:
            sys.stdout.buffer.write(decision.encode() + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
