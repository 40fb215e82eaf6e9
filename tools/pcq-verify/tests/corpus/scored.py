"""Manifests with a step that scores: what must be accepted, and one lie each about the model or what it said."""

from __future__ import annotations

__all__ = ["cases"]

import copy
from collections.abc import Iterator

from keyring import digest, digest_of, jcs
from maker import draft, material, seal, step
from scenarios import documents

from corpus.cases import Case, Json, changed, step_of
from corpus.scores import MODEL, score

_INVALID, _NOT_REPRODUCED, _INCOMPLETE, _MALFORMED = 1, 4, 5, 6

_ROWS: Json = [
    {"id": "a", "shared": 2, "Anteil ä": 0.25, "docs": 11},
    {"id": "b", "shared": 1, "Anteil ä": 1, "docs": 0.5, "note": "\u202e“"},
    {"id": "c", "shared": 0, "Anteil ä": 0, "docs": 0},
]


def cases() -> Iterator[Case]:
    """All of them."""
    yield Case("score", 0, "three rows scored with a pinned model", seal(_told()))
    yield Case("score-unpinned", 0, "the definition names the model and leaves its digest open", seal(_told(pin=None)))
    yield Case("score-nothing", 0, "no row, no score, and still the model's digest", seal(_told(rows=[])))
    yield Case("score-mapped", 0, "two lists of rows scored one by one, the second empty", seal(_mapped()))
    told = _mapped()
    _outputs(told).reverse()
    yield Case("score-mapped-swapped", _NOT_REPRODUCED, "the outputs of two lists swapped", seal(told))
    yield from _lies()
    yield from _materials()
    yield from _shapes()


def _lies() -> Iterator[Case]:
    def lie(name: str, desc: str, change: Json) -> Case:
        return Case(f"score-{name}", _NOT_REPRODUCED, desc, seal(changed(_told(), change)))

    yield lie("forged", "a confidence of one more millionth", lambda m: _scored(m)[0].update(confidence=_more(m)))
    yield lie("reordered", "the same rows in another order", lambda m: _scored(m).reverse())
    yield lie("row-less", "a row less", lambda m: _scored(m).pop())
    yield lie("row-changed", "another value beside the score", lambda m: _scored(m)[0].update(id="z"))
    yield lie("feature", "another feature than was scored", lambda m: _scored(m)[0].update(shared=3))
    yield lie("unscored", "a row without its score", lambda m: _scored(m)[0].pop("confidence"))
    yield lie("digest", "another model's digest in the outputs", lambda m: _outputs(m).update(model=digest(b"")))
    other = {**MODEL, "intercept": 0.2}
    swapped = seal(_told(model=other, scored_with=MODEL, pin=None))
    yield Case("score-other-model", _NOT_REPRODUCED, "sealed with another model than scored", swapped)
    for name, row in (
        ("missing", {"id": "d", "shared": 1, "docs": 1}),
        ("text", {"id": "d", "shared": "1", "Anteil ä": 0, "docs": 1}),
        ("boolean", {"id": "d", "shared": True, "Anteil ä": 0, "docs": 1}),
        ("scored-twice", {"id": "d", "shared": 1, "Anteil ä": 0, "docs": 1, "confidence": 0.5}),
    ):
        told = _told(rows=[row], outputs=[{**row, "confidence": 0.5}])
        yield Case(f"score-{name}", _NOT_REPRODUCED, "a row of which no score follows", seal(told))
    infinite = {**MODEL, "features": [{"name": "shared", "mean": 0, "scale": 1e-300, "weight": 0}]}
    told = _told(model=infinite, outputs=[{**row, "confidence": 0.5} for row in _ROWS])
    yield Case("score-infinite", _NOT_REPRODUCED, "0 times infinity is no score", seal(told))


def _materials() -> Iterator[Case]:
    def told(name: str, exit_code: int, desc: str, change: Json) -> Case:
        return Case(f"score-{name}", exit_code, desc, seal(changed(_told(), change)))

    key = digest_of(MODEL)
    other = jcs({**MODEL, "intercept": 0})
    yield told("model-missing", _INCOMPLETE, "the model is no material", lambda m: m["materials"].pop(key))
    yield told("model-bytes", _INVALID, "other bytes", lambda m: m["materials"].update({key: material(other)}))
    unnamed = _told()
    unnamed["context"]["models"] = {}
    del unnamed["materials"][key]
    yield Case("score-model-unnamed", _INVALID, "the context does not name the model that was used", seal(unnamed))
    unused = _told()
    unused["context"]["models"]["other"] = digest(other)
    unused["materials"][digest(other)] = material(other)
    yield Case("score-model-unused", _INVALID, "the context names a model that no step uses", seal(unused))
    pinned = seal(_told(pin=digest(other)))
    yield Case("score-model-pin", _INVALID, "another model than the definition pins", pinned)
    renamed = seal(_told(model={**MODEL, "modelId": "link"}))
    yield Case("score-model-id", _INVALID, "a document that calls itself another model", renamed)


def _shapes() -> Iterator[Case]:
    feature = MODEL["features"][0]
    for name, change in (
        ("member", {"threshold": 0.5}),
        ("version", {"pcq": "model/v2"}),
        ("kind", {"kind": "tree"}),
        ("no-feature", {"features": []}),
        ("scale", {"features": [{**feature, "scale": 0}]}),
        ("weight", {"features": [{**feature, "weight": "1"}]}),
        ("feature-twice", {"features": [feature, feature]}),
        ("output", {"output": "shared"}),
        ("decimals", {"decimals": 10}),
        ("decimals-half", {"decimals": 1.5}),
        ("trained-on", {"trainedOn": "yesterday"}),
    ):
        bad = _told(model={**MODEL, **change}, outputs=[], rows=[])
        yield Case(f"score-model-{name}", _MALFORMED, "a document that is no model", seal(bad))
    spaced = _told()
    data = jcs(MODEL) + b"\n"
    del spaced["materials"][digest_of(MODEL)]
    spaced["materials"][digest(data)] = material(data)
    spaced["context"]["models"]["links"] = digest(data)
    yield Case("score-model-spelling", _MALFORMED, "a model in another spelling", seal(_repinned(spaced, digest(data))))
    missing = _told()
    [scoring] = [item for item in _definition(None)["steps"] if item["type"] == "score"]
    del scoring["model"]
    yield Case("score-step-model", _MALFORMED, "a step that names no model", seal(_redefined(missing, scoring)))


def _told(
    model: Json = None, *, scored_with: Json = None, pin: Json = "own", rows: Json = None, outputs: Json = None
) -> Json:
    """A query, its rows scored, not sealed; `pin` is the digest in the definition, `own` the model's."""
    model = model or MODEL
    rows = copy.deepcopy(_ROWS if rows is None else rows)
    if outputs is None:
        outputs = [{**row, "confidence": score(scored_with or model, row)} for row in rows]
    definition = _definition(digest_of(model) if pin == "own" else pin)
    papers = {**documents(), "models": {"links": model}}
    made = [
        step("pairs", "done", {}, rows, [], []),
        step("score", "done", copy.deepcopy(rows), {"model": digest_of(model), "rows": outputs}, [], []),
    ]
    return draft(definition, made, papers)


def _mapped() -> Json:
    """Rows in two pages, and a score for each page."""
    definition = _definition(digest_of(MODEL))
    definition["steps"][1]["forEach"] = "steps.pairs"
    key = digest_of(MODEL)
    outputs = [
        {"model": key, "rows": [{**row, "confidence": score(MODEL, row)} for row in _ROWS]},
        {"model": key, "rows": []},
    ]
    pages = [copy.deepcopy(_ROWS), []]
    made = [
        step("pairs", "done", {}, pages, [], []),
        step("score", "done", copy.deepcopy(pages), outputs, [], []),
    ]
    return draft(definition, made, {**documents(), "models": {"links": MODEL}})


def _definition(pin: str | None) -> Json:
    scoring = {"stepId": "score", "type": "score", "model": "links", **({"digest": pin} if pin else {})}
    return {
        "runbookId": "R9",
        "name": "Scores",
        "version": "1.0",
        "purpose": "analysis",
        "steps": [{"stepId": "pairs", "type": "query", "cypher": "MATCH (e) RETURN e"}, scoring],
    }


def _repinned(manifest: Json, pin: str) -> Json:
    return _redefined(manifest, _definition(pin)["steps"][1])


def _redefined(manifest: Json, scoring: Json) -> Json:
    """Another step under the same name, consistently."""
    definition = _definition(None)
    definition["steps"][1] = scoring
    del manifest["materials"][manifest["context"]["runbookDigest"]]
    manifest["context"]["runbookDigest"] = digest_of(definition)
    manifest["materials"][digest_of(definition)] = material(jcs(definition))
    return manifest


def _outputs(manifest: Json) -> Json:
    return step_of(manifest, "score")["attestation"]["outputs"]


def _scored(manifest: Json) -> Json:
    return _outputs(manifest)["rows"]


def _more(manifest: Json) -> float:
    value: float = _scored(manifest)[0]["confidence"]
    return round(value + 0.000001, 6)
