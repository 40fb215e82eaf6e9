"""Vectors of `responseSchema`: what an external API is recorded to have answered, and what its step wanted."""

from __future__ import annotations

__all__ = ["attack_cases", "valid_cases"]

from collections.abc import Iterator

import scenarios
import small
from maker import draft, proof, redact, seal, step

from corpus.cases import Case, Json

NOT_REPRODUCED = 4

ROW: Json = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {"id": {"type": "string", "pattern": "^[a-z]+$"}, "title": {"type": ["string", "null"]}},
}
ROWS: Json = {"type": "array", "items": ROW}
ANSWER: Json = [{"id": "a", "title": "A"}, {"id": "b", "title": None}]
TREE: Json = {
    "$ref": "#/$defs/tree",
    "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2}},
}


def _asked(
    schema: Json, outputs: Json, *, outcome: str = "done", gate: Json = None, items: Json = None, **members: Json
) -> Json:
    only = {
        "stepId": "only",
        "type": "external_api",
        "endpoint": "https://api.example.com/x",
        "responseSchema": schema,
        **members,
    }
    claims = {"postconditions": {"gate": {"type": "row_count", "minimum": 3}}} if gate else {}
    definition = small.runbook(claims)
    definition["steps"] = [{**only, "postconditions": ["gate"]} if gate else only]
    item = step("only", outcome, {} if items is None else items, outputs, [], [gate] if gate else [])
    return seal(draft(definition, [item], scenarios.documents()))


def _endless() -> Json:
    steps = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)}
    return {"$ref": "#/$defs/a0", "$defs": {**steps, "a60": {"type": "string"}}}


def valid_cases() -> Iterator[Case]:
    """Answers that fit, that nobody can see, or that there are none of."""
    fits = _asked(ROWS, ANSWER)
    yield Case("response-fits", 0, "an answer that its step's responseSchema takes", fits)
    yield Case("response-references", 0, "a schema that refers to itself", _asked(TREE, [[], [[]]]))
    dated = {"type": "string", "format": "date"}
    yield Case("response-format", 0, "`format` is an annotation", _asked(dated, "yesterday"))
    yield Case("response-of-failed", 0, "a failed step has no answer to fit", _asked(ROWS, {}, outcome="failed"))
    each = [ANSWER[0], ANSWER[1]]
    yield Case("response-for-each", 0, "an answer for each item", _asked(ROW, each, forEach="[1, 2]", items=[1, 2]))
    few = proof("gate", "row_count", "fail", "row_count.too_few", {"pointer": "", "rows": 2})
    blocked = _asked(ROWS, ANSWER, outcome="blocked", gate=few)
    yield Case("response-of-blocked", 0, "blocked after an answer that fits", blocked)
    hidden = redact(_asked(ROWS, ANSWER), "only", "outputs", "$")
    yield Case("response-redacted", 0, "a hidden answer", hidden, options=("--profile", "disclosure"))
    yield Case("response-redacted-full", 5, "a hidden answer cannot be held against its schema", hidden)
    yield Case("response-detached", 0, "an answer of 64 KiB and more", _asked(ROWS, [{"id": "x" * 100}] * 640))


def attack_cases() -> Iterator[Case]:
    """Answers that do not fit, and schemas that nothing fits."""
    few = proof("gate", "row_count", "fail", "row_count.too_few", {"pointer": "", "rows": 1})
    for name, desc, manifest in (
        ("member", "an answer with a member too many", _asked(ROWS, [{"id": "a", "admin": True}])),
        ("missing", "an answer without a required member", _asked(ROWS, [{"title": "A"}])),
        ("pattern", "a text that its pattern does not take", _asked(ROWS, [{"id": "A"}])),
        ("type", "an object where a list was wanted", _asked(ROWS, {"id": "a"})),
        ("reference", "a list too long by reference", _asked(TREE, [[[], [], []]])),
        ("detached", "one row among many", _asked(ROWS, [*[{"id": "x" * 100}] * 640, {"id": 7}])),
        ("of-blocked", "blocked after an answer that does not fit", _asked(ROWS, [{}], outcome="blocked", gate=few)),
        ("for-each", "one item's answer", _asked(ROW, [{"id": "a"}, {"id": 2}], forEach="[1, 2]", items=[1, 2])),
        ("for-each-no-list", "no list of answers", _asked(ROW, {"id": "a"}, forEach="[1]", items=[1])),
        ("remote", "a schema from elsewhere", _asked({"$ref": "https://example.com/s.json"}, 1)),
        ("look-around", "a pattern without linear time", _asked({"pattern": "(?=a)a"}, "a")),
        ("endless", "a schema that refers twice to what refers twice, 60 times", _asked(_endless(), 1)),
        ("no-schema", "a schema that is none", _asked({"type": "nonsense"}, 1)),
    ):
        yield Case(f"response-{name}", NOT_REPRODUCED, desc, manifest)
    yield Case("response-schema-shape", 6, "a responseSchema that is no object", _asked("string", "a"))
