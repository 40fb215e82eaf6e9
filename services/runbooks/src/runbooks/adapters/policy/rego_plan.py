"""What the compiled plan of a bundle says of its policies, before any of them is asked.

rego-cpp is an evaluator and no checker: it compiles rules that OPA refuses, and a rule that cannot have a value makes
every `not` of it true. What shows in the plan is found here: builtins outside the allow-list, calls with the wrong
number of arguments, variables that nothing gives a value. What does not show is listed in docs/adr/0007.
"""

from __future__ import annotations

__all__ = ["faults", "refused_builtins", "rules"]

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runbooks.adapters.policy.rego_builtins import ALLOWED_BUILTINS

_INPUT_AND_DATA = frozenset({0, 1})
# Members of a statement that put a value into a local variable; every other operand reads one.
_WRITES = {"ScanStmt": ("key", "value"), "CallStmt": ("result",), "CallDynamicStmt": ("result",)}

# Texts are compared as they are spelled, and those of inputs and data have no other escapes than these.
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[^\"\\bfnrt]")

Plan = Mapping[str, Any]


def refused_builtins(plan: Plan) -> list[str]:
    """Names that the bundle could call and that are not on the allow-list, sorted (spec/provers.md, 2)."""
    return sorted(_builtins(plan).keys() - ALLOWED_BUILTINS)


def rules(plan: Plan) -> list[str]:
    """`pkg.name` of every rule and function of the bundle, sorted."""
    paths = (function["path"][1:] for function in plan["funcs"]["funcs"])
    return sorted(".".join(path) for path in paths if len(path) > 1)


def faults(plan: Plan) -> list[str]:
    """`place: what is wrong`, each once: what would have another meaning for OPA, or none, and shows in the plan."""
    arities = {name: len(builtin["decl"]["args"]) for name, builtin in _builtins(plan).items()}
    spelled = (text["value"] for text in plan["static"]["strings"])
    found = [f"{text}: write the character itself, not its escape" for text in spelled if _ESCAPE.search(text)]
    for function in plan["funcs"]["funcs"]:
        statements = list(_statements(function["blocks"]))
        written = _INPUT_AND_DATA.union(function["params"], *(_written(kind, stmt) for kind, stmt in statements))
        for kind, stmt in statements:
            if not _read(kind, stmt) <= written:
                found.append(f"{_place(plan, stmt)}: a variable that nothing gives a value")
            name = stmt.get("func") if kind == "CallStmt" else None
            if name in arities and len(stmt["args"]) != arities[name]:
                expected, got = arities[name], len(stmt["args"])
                found.append(f"{_place(plan, stmt)}: {name} expected {expected} arguments, got {got}")
    return list(dict.fromkeys(found))


def _builtins(plan: Plan) -> dict[str, Any]:
    return {builtin["name"]: builtin for builtin in plan["static"].get("builtin_funcs") or ()}


def _statements(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if "stmt" in node:
            yield node["type"], node["stmt"]
        for value in node.values():
            yield from _statements(value)
    elif isinstance(node, list):
        for value in node:
            yield from _statements(value)


def _written(kind: str, stmt: Mapping[str, Any]) -> set[int]:
    names = (*_WRITES.get(kind, ()), "target")
    return {stmt[name] for name in names if isinstance(stmt.get(name), int)}


def _read(kind: str, stmt: Mapping[str, Any]) -> set[int]:
    # Nested blocks are lists and objects without these members; their statements are looked at by themselves.
    return {operand["value"] for operand in _operands(stmt) if operand.get("type") == "local"}


def _operands(stmt: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for value in stmt.values():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, dict):
                yield item


def _place(plan: Plan, stmt: Mapping[str, Any]) -> str:
    files = plan["static"].get("files") or ()
    number = stmt.get("file", len(files))
    name = files[number]["value"] if number < len(files) else "?"
    return f"{name}:{stmt.get('row', 0) + 1}"
