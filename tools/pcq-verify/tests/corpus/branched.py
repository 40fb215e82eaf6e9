"""Branches and mapped steps: what was skipped, what was joined, what was done item by item, and lies about each."""

from __future__ import annotations

from collections.abc import Iterator

from maker import draft, proof, seal, step
from scenarios import documents

from corpus.cases import Case, Json

NOT_REPRODUCED = 4

_ROWS: Json = [{"n": 1}, {"n": 2}, {"n": 3}]
_SKIP: Json = ("skipped", {}, {})


def _transform(name: str, expression: str, **members: Json) -> Json:
    return {"stepId": name, "type": "transform", "expression": expression, **members}


def _manifest(definitions: list[Json], steps: dict[str, Json], provers: Json = None) -> Json:
    """`steps` has (outcome, inputs, outputs) or, with proofs after them, (…, postconditions) by stepId."""
    definition = {
        "runbookId": "R9",
        "name": "Branches",
        "version": "1.0",
        "purpose": "enrichment",
        "steps": definitions,
        "provers": provers or {},
    }
    items = [step(name, *told[:3], [], list(told[3]) if len(told) > 3 else []) for name, told in steps.items()]
    return seal(draft(definition, items, documents()))


_BRANCHES = [
    {"stepId": "query", "type": "query", "cypher": "MATCH (e) RETURN e.n AS n", "dependsOn": []},
    _transform("few", "'few'", dependsOn=["query"], when="$count(steps.query) < parameters.limit"),
    _transform("many", "'many'", dependsOn=["query"], when="$count(steps.query) >= parameters.limit"),
    _transform("more", "'more'", dependsOn=["many"]),
    _transform("told", "$", dependsOn=["few", "more"]),
    _transform("seen", "$keys(steps)", dependsOn=["told"], inputs={"steps": "steps"}),
]
_SEEN = {"few": "few", "query": _ROWS, "told": {"few": "few"}}
_TAKEN: dict[str, Json] = {
    "query": ("done", {}, _ROWS),
    "few": ("done", _ROWS, "few"),
    "many": _SKIP,
    "more": _SKIP,
    "told": ("done", {"few": "few"}, {"few": "few"}),
    "seen": ("done", {"steps": _SEEN}, ["few", "query", "told"]),
}


def _branches(**changes: Json) -> Json:
    return _manifest(_BRANCHES, {**_TAKEN, **changes})


_MAPPED = [
    {"stepId": "query", "type": "query", "cypher": "MATCH (e) RETURN e.n AS n", "dependsOn": []},
    _transform("squares", "n * n", forEach="steps.query", dependsOn=["query"]),
    _transform("named", "$keys($)", forEach="steps.query[n > 1]", inputs="$", dependsOn=["query"]),
    _transform("one", "at & name", forEach="steps.query[n > 2]", inputs={"at": "index", "name": "item.n"}),
    _transform("none", "1", forEach="steps.query[n > 9]", dependsOn=["query"]),
    {
        "stepId": "grouped",
        "type": "aggregate",
        "forEach": "[[1, 1, 2], []]",
        "groupBy": "$",
        "measures": {"n": "$count($)"},
        "dependsOn": ["query"],
    },
    {"stepId": "write", "type": "mutation", "cypher": "CREATE (:N {n: $n})", "forEach": "steps.query"},
]
_SEES = [{"index": n, "item": {"n": n + 2}, "parameters": {"limit": 10}} for n in range(2)]
_ITEMS: dict[str, Json] = {
    "query": ("done", {}, _ROWS),
    "squares": ("done", _ROWS, [1, 4, 9]),
    "named": ("done", _SEES, [["index", "item", "parameters"]] * 2),
    "one": ("done", [{"at": 0, "name": 3}], ["03"]),
    "none": ("done", [], []),
    "grouped": ("done", [[1, 1, 2], []], [[{"key": 1, "n": 2}, {"key": 2, "n": 1}], []]),
    "write": ("done", _ROWS, [{"updated": 1}] * 3),
}
_MAPPED[3]["dependsOn"] = ["query"]
_MAPPED[6]["dependsOn"] = ["query"]


def _mapped(**changes: Json) -> Json:
    order = ("query", "grouped", "named", "none", "one", "squares", "write")
    told = {**_ITEMS, **changes}
    return _manifest(_MAPPED, {name: told[name] for name in order})


def _undecided(outcome: str, when: str) -> Json:
    told: Json = ("done", {}, 1) if outcome == "done" else (outcome, {}, {})
    return _manifest([_transform("only", "1", dependsOn=[], when=when)], {"only": told})


def _cited(result: str, reason: str, left: list[Json], sources: list[Json]) -> Json:
    claims = {"claims": [{"claimId": "c", "text": "t", "citations": [{"stepId": "gone", "pointer": ""}]}]}
    definitions = [
        _transform("gone", "1", dependsOn=[], when="false"),
        {"stepId": "query", "type": "query", "cypher": "MATCH (e) RETURN e", "dependsOn": []},
        {
            "stepId": "told",
            "type": "query",
            "cypher": "MATCH (e) RETURN e",
            "dependsOn": ["gone", "query"],
            "postconditions": ["cited"],
        },
    ]
    evidence = {"claims": [{"claimId": "c", "sources": sources, "dangling": left}]}
    outcome = "done" if result == "pass" else "blocked"
    steps = {
        "gone": _SKIP,
        "query": ("done", {}, []),
        "told": (outcome, {"query": []}, claims, [proof("cited", "citations", result, reason, evidence)]),
    }
    return _manifest(definitions, steps, {"postconditions": {"cited": {"type": "citations"}}})


def valid_cases() -> Iterator[Case]:
    """What must be accepted."""
    yield Case("branch", 0, "one branch taken, one skipped with what stands behind it, and a join", _branches())
    stopped = {name: ("not-run", {}, {}) for name in ("few", "many", "more", "told", "seen")}
    yield Case("branch-fenced", 0, "stopped before any branch was chosen", _branches(**stopped))
    for name, when in (("number", "1"), ("null", "nothing"), ("error", "1 + 'a'")):
        yield Case(f"branch-{name}", 0, "failed: its condition says neither", _undecided("failed", when))
    dangling = _cited("fail", "citations.dangling", [{"stepId": "gone", "pointer": ""}], [])
    yield Case("branch-cited", 0, "blocked: it cites a step that was skipped", dangling)
    yield Case("mapped", 0, "steps done item by item: lists of none, one and many", _mapped())


def attack_cases() -> Iterator[Case]:
    """What must be refused, every hash and signature being right."""
    for name, desc, changes in (
        ("skips-what-is-true", "a step is skipped although its condition is true", {"few": _SKIP, "told": _SKIP}),
        ("runs-what-is-false", "a step ran although its condition is false", {"many": ("done", _ROWS, "many")}),
        ("runs-behind-skipped", "a step ran behind nothing but skipped ones", {"more": ("done", {}, "more")}),
        ("skips-a-join", "a join is skipped although one branch was taken", {"told": _SKIP, "seen": _SKIP}),
        ("sees-skipped", "a join took something of a skipped step", {"told": ("done", {"few": "few", "more": {}}, {})}),
        ("fails-what-is-false", "a step failed although it had to be skipped", {"more": ("failed", {}, {})}),
    ):
        lie = _branches(**changes)
        yield Case(f"branch-{name}", NOT_REPRODUCED, desc, lie)
    behind_failed = _manifest(
        [_transform("a", "1 + 'a'", dependsOn=[]), _transform("b", "1", when="false")],
        {"a": ("failed", {}, {}), "b": _SKIP},
    )
    yield Case("branch-skips-behind-failed", NOT_REPRODUCED, "a step is skipped behind a failed one", behind_failed)
    for name, when in (("number", "1"), ("error", "1 + 'a'")):
        for outcome in ("done", "skipped"):
            desc = f"{outcome}, although its condition says neither"
            yield Case(f"branch-{name}-{outcome}", NOT_REPRODUCED, desc, _undecided(outcome, when))
    seen = _cited("pass", "citations.met", [], ["sha256:" + "0" * 64])
    yield Case("branch-cited-skipped", NOT_REPRODUCED, "a citation of a skipped step counts", seen)
    for name, desc, changes in (
        ("item-left-out", "an item was left out", {"squares": ("done", _ROWS[:2], [1, 4])}),
        ("item-added", "an item was added", {"none": ("done", [1], [1])}),
        ("items-swapped", "the outputs of two items are swapped", {"squares": ("done", _ROWS, [4, 1, 9])}),
        ("output-forged", "the output of one item is another", {"squares": ("done", _ROWS, [1, 4, 8])}),
        ("inputs-of-another", "an item had another's inputs", {"write": ("done", _ROWS[::-1], [{"updated": 1}] * 3)}),
        ("not-a-list", "the outputs are one value", {"one": ("done", [{"at": 0, "name": 3}], "03")}),
    ):
        yield Case(f"mapped-{name}", NOT_REPRODUCED, desc, _mapped(**changes))
    many = _manifest(
        [_transform("only", "1", dependsOn=[], forEach="[0..10000]")],
        {"only": ("done", list(range(10_001)), [1] * 10_001)},
    )
    yield Case("mapped-too-many", NOT_REPRODUCED, "a list of 10,001 items", many)
