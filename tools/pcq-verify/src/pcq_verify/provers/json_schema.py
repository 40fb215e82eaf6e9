"""`schema`: a value of the outputs against a JSON Schema (spec/provers.md, 10).

The schema is a stranger's program, so it runs in the sandbox. Which errors it names depends on the engine; only that
there are some does not.
"""

from __future__ import annotations

__all__ = ["judge_schema"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import digest_of
from pcq_verify.local_schema import is_local
from pcq_verify.pointers import NOTHING
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.rows import pointer_of, value_at

_MOST_ERRORS = 10


def judge_schema(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs; of the recorded errors only their form is held against the verdict."""
    value, valid = value_at(claim, scope), None
    if value is NOTHING:
        result, reason = "error", "schema.no_value"
    elif not is_local(claim["schema"]):
        result, reason = "error", "schema.unusable"
    else:
        valid = scope.sandbox.conforms(claim["schema"], value)
        result, reason = {
            True: ("pass", "schema.valid"),
            False: ("fail", "schema.invalid"),
            None: ("error", "schema.unusable"),
        }[valid]
    evidence = {
        "pointer": pointer_of(claim),
        "schema": digest_of(claim["schema"]),
        "valid": valid,
        "errors": _errors(recorded.get("errors")) if valid is False else [],
    }
    return Judgement(result, reason, evidence)


def _errors(recorded: Any) -> list[str]:
    """The recorded list when it has the form of one; else a list that differs from it."""
    is_list = type(recorded) is list and all(type(item) is str for item in recorded)
    if is_list and 0 < len(recorded) <= _MOST_ERRORS:
        ordered = sorted(set(recorded), key=lambda item: item.encode())
        if ordered == recorded:
            return ordered
    return [""]
