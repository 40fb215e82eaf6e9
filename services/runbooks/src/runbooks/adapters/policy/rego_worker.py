"""The child process that evaluates Rego: one bundle, one interpreter, one question a line.

It exists so that a hostile policy can be killed: neither an endless pattern nor a crash of the
interpreter reaches the service. First line in: the bundle; then one question a line, each answered with one line of
JSON: `{"query", "input"}` with a decision of spec/provers.md, 2, `{"inspect": true}` with what its plan says.
"""

from __future__ import annotations

__all__ = ["RegoBundle"]

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from runbooks.adapters.policy import rego_plan

_MAX_MESSAGE = 500
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


class RegoBundle:
    """A loaded bundle; one that does not load answers `error` to everything, and `refusal` says why."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        from regopy import Interpreter

        self.refusal: str | None = None
        self.faults: list[str] = []
        self.rules: list[str] = []
        self._plans: dict[str, Any] = {}
        self._interpreter = Interpreter()
        self._interpreter.strict_built_in_errors = True
        try:
            self._load(bundle)
        except _engine_errors() as error:
            self.refusal = f"the policies do not load: {str(error)[:_MAX_MESSAGE]}"

    def decide(self, query: str, document: dict[str, Any]) -> str:
        """The decision for one input."""
        if self.refusal is not None:
            return "error"
        try:
            return self._decide(query, document)
        except _engine_errors():
            return "error"

    def _load(self, bundle: dict[str, Any]) -> None:
        paths = sorted(bundle["modules"])
        for number, path in enumerate(paths):
            # Under a name of our own: saving a plan writes files of the modules' names.
            self._interpreter.add_module(_file(number), bundle["modules"][path])
        # Not `add_data`, which escapes what is not ASCII, and the engine compares texts as they are spelled.
        self._interpreter.add_data_json(_spelled(bundle["data"]))
        plan, saved = self._plan_of_everything()
        refused = rego_plan.refused_builtins(plan)
        if refused:
            self.refusal = f"builtins outside the allow-list: {', '.join(refused)}"
        self.rules = rego_plan.rules(plan)
        # What is no module at all is left out without a word.
        self.faults = [f"{path}: no policy; it has no package" for n, path in enumerate(paths) if _file(n) not in saved]
        for fault in rego_plan.faults(plan):
            name, colon, rest = fault.partition(":")
            self.faults.append(f"{paths[int(name.split('.')[0])]}{colon}{rest}" if name in saved else fault)

    def _plan_of_everything(self) -> tuple[rego_plan.Plan, set[str]]:
        # A plan holds every rule of the bundle, whatever is asked.
        from regopy import BundleFormat

        bundle = self._interpreter.build("x := true")
        with tempfile.TemporaryDirectory() as folder:
            self._interpreter.save_bundle(folder, bundle, BundleFormat.JSON)
            saved = {path.name for path in Path(folder).iterdir()}
            return json.loads((Path(folder) / "plan.json").read_bytes()), saved

    def _decide(self, query: str, document: dict[str, Any]) -> str:
        if query not in self._plans:
            self._plans[query] = self._interpreter.build(f"x := {query}")
        if _is_plain(document):
            self._interpreter.set_input(document)
        else:
            # Slower by far, but spelled as in policies and data, and with all digits: `set_input` has six decimals.
            self._interpreter.set_input_term(_spelled(document))
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


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_plain(value: Any) -> bool:
    """True when the value's texts are spelled without escapes and its numbers without decimals."""
    match value:
        case str():
            return not _ESCAPED.search(value)
        case float():
            return False
        case list():
            return all(map(_is_plain, value))
        case dict():
            return all(_is_plain(name) and _is_plain(item) for name, item in value.items())
        case _:
            return True


def _engine_errors() -> tuple[type[Exception], ...]:
    from regopy import RegoError

    # The engine's texts are parsed again by its Python part, which then says ValueError and its kin.
    return RegoError, ValueError, KeyError, IndexError


def _file(number: int) -> str:
    return f"{number:05d}.rego"


def _answer(bundle: RegoBundle, question: dict[str, Any]) -> Any:
    if "inspect" in question:
        return {"refusal": bundle.refusal, "faults": bundle.faults, "rules": bundle.rules}
    return bundle.decide(question["query"], question["input"])


def _serve() -> None:
    lines = iter(sys.stdin.buffer)
    first = next(lines, None)
    if first is None:
        return
    bundle = RegoBundle(json.loads(first))
    for line in lines:
        sys.stdout.buffer.write(json.dumps(_answer(bundle, json.loads(line))).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
