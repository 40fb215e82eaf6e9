"""Licences, one question each: registry, claim and facts in, decision out (spec/licences.md).

In the manner of the evaluation examples of ODRL: every case changes one thing about a plain permission. `facts` are the
execution's: `now`, `user`, `purpose`, what the registry answered as `revoked`, and for derived data the `sources` that
the ancestors' proofs name.
"""

from __future__ import annotations

__all__ = ["cases"]

from collections.abc import Iterator
from typing import Any

from keyring import jcs

from corpus.licence_makers import FAIL, NOW, PASS, case, licence, may, must_not, rule, where

Json = Any


def cases() -> list[Json]:
    """All of them; names are distinct."""
    made = [
        *_deciding(),
        *_in_force(),
        *_users(),
        *_constraints(),
        *_vocabulary(),
        *_purposes(),
        *_duties(),
        *_derived(),
        *_revoked(),
        *_revoked_sources(),
    ]
    if len({item["name"] for item in made}) != len(made):
        raise ValueError("two cases have one name")
    return made


def _deciding() -> Iterator[Json]:
    plain = licence("a", may())
    yield case("a permission permits", [plain], PASS, "a@1 may")
    yield case("nothing said is denied", [licence("a")], FAIL, "a@1")
    yield case("another action is denied", [plain], FAIL, "a@1", check="data allows sell")
    yield case("an obligation permits nothing", [licence("a", rule("obligation", "o"))], FAIL, "a@1")
    yield case("no licence at all", [], "licence.unknown_resource")
    yield case("another resource", [plain], "licence.unknown_resource", check="Data allows use")
    for name, check in (
        ("another verb", "data permits use"),
        ("three words", "data allows use again"),
        ("two spaces", "data  allows use"),
        ("no action", "data allows "),
        ("a line end", "data allows use\n"),
    ):
        yield case(f"malformed: {name}", [plain], "licence.malformed_check", check=check)
    yield case("a prohibition wins", [licence("a", may(), must_not())], "licence.prohibited", "a@1 not")
    yield case(
        "a prohibition wins wherever it stands", [licence("a", must_not(), may())], "licence.prohibited", "a@1 not"
    )
    both = [licence("a", may()), licence("b", must_not())]
    yield case("a prohibition of another licence wins", both, "licence.prohibited", "b@1 not")
    yield case("one of two licences permits", [licence("a"), licence("b", may())], PASS, "b@1 may")
    yield case("none of two permits", [licence("b"), licence("a")], FAIL, "a@1")
    twice = [licence("b", may("b1")), licence("a", may("a1"), may("a2"))]
    yield case("the first licence by bytes, its first rule", twice, PASS, "a@1 a1")
    yield case("capital letters come first", [licence("a", may()), licence("B", may())], PASS, "B@1 may")
    versions = [licence("a", may(), version=version) for version in ("9", "10")]
    yield case("versions are compared by bytes", versions, PASS, "a@10 may")
    yield case("letters beyond ASCII come last", [licence("ä", may()), licence("z", may())], PASS, "z@1 may")
    simple = licence("a", permit=["read", "use"], prohibit=["sell"])
    yield case("a simple licence permits", [simple], PASS, "a@1 permit/1")
    yield case("a simple licence prohibits", [simple], "licence.prohibited", "a@1 prohibit/0", check="data allows sell")


def _in_force() -> Iterator[Json]:
    for name, members, reason in (
        ("begins at this very second", {"effectiveFrom": NOW}, PASS),
        ("begins a microsecond later", {"effectiveFrom": "2026-02-03T04:05:06.000001Z"}, "licence.not_active"),
        ("ends at this very second", {"effectiveTo": NOW}, "licence.not_active"),
        ("ends at this second, spelled differently", {"effectiveTo": "2026-02-03T04:05:06.000Z"}, "licence.not_active"),
        ("ends a microsecond later", {"effectiveTo": "2026-02-03T04:05:06.000001Z"}, PASS),
        ("is a draft", {"status": "draft"}, "licence.not_active"),
        ("is suspended", {"status": "suspended"}, "licence.not_active"),
        ("is revoked", {"status": "revoked"}, "licence.not_active"),
        ("is expired", {"status": "expired"}, "licence.not_active"),
    ):
        at = "a@1 may" if reason == PASS else "a@1"
        yield case(f"the licence {name}", [licence("a", may(), **members)], reason, at)
    ended = licence("a", must_not(), status="revoked")
    yield case("a prohibition not in force is none", [ended, licence("b", may())], PASS, "b@1 may")
    later = licence("b", may(), status="draft")
    yield case("the first of those not in force is named", [later, ended], "licence.not_active", "a@1")


def _users() -> Iterator[Json]:
    mine, other = licence("b", may(), assignees=["agent-1", "agent-456"]), ["agent-1"]
    yield case("an assignee", [mine], PASS, "b@1 may")
    yield case("no assignee", [licence("a", may(), assignees=other)], "licence.not_assigned", "a@1")
    yield case("assigned to nobody", [licence("a", may(), assignees=[])], "licence.not_assigned", "a@1")
    yield case("another's prohibition", [licence("a", must_not(), assignees=other), mine], PASS, "b@1 may")
    gone = licence("a", may(), assignees=["agent-456"], status="revoked")
    yield case("of those in force", [gone, licence("b", may(), assignees=other)], "licence.not_assigned", "b@1")


_OPERATORS: list[tuple[str, str, Json, Json, Json, Json]] = [
    # operator, fact, and right sides that make it true, false, unknown
    ("eq", "fileFormat", "csv", "csv", "CSV", 1),
    ("neq", "fileFormat", "csv", "json", "csv", None),
    ("eq", "count", 5, 5.0, 6, "5"),
    ("neq", "count", 5, 4, 5, True),
    ("lt", "count", 5, 6, 5, "6"),
    ("lteq", "count", 5, 5, 4, [5]),
    ("gt", "count", 5, 4.5, 5, None),
    ("gteq", "count", 5, 5, 5.5, {"value": 5}),
    ("isAnyOf", "industry", "bank", ["shop", "bank"], ["shop"], "bank"),
    ("isNoneOf", "industry", "bank", ["shop", 7], ["bank"], [None]),
    ("isAnyOf", "count", 5, [1, 5.0], [], [[5]]),
    ("isNoneOf", "count", 5, [], ["5", 5], 5),
    ("isPartOf", "spatial", "Berlin", "EU", "US", 1),
    ("isPartOf", "project", "p1", "p1", "p2", ["p1"]),
    ("lt", "fileFormat", "csv", None, None, "d"),
    ("isPartOf", "count", 5, None, None, 5),
    ("within", "fileFormat", "csv", None, None, "csv"),
]
_PLACES: Json = {"places": {"Berlin": "Germany", "Germany": "EU", "EU": None}}


def _constraints() -> Iterator[Json]:
    for op, fact, value, *sides in _OPERATORS:
        for truth, right in zip((True, False, None), sides, strict=True):
            if truth is None or right is not None:
                yield from _either_way(f"{fact} {op}", truth, where(fact, op, right), {"facts": {fact: value}})
    for left in ("recipient", "weather"):
        yield from _either_way(f"{left}, which nobody states", None, where(left, "eq", "x"), {})
    yield from _either_way("weather, which is no fact", None, where("weather", "eq", "x"), {"facts": {"weather": "x"}})
    yield from _either_way(
        "the user, whatever the claim says", False, where("user", "eq", "x"), {"facts": {"user": "x"}}
    )
    yield from _times()
    true, false, unknown = (where("count", op, 5) for op in ("eq", "neq", "within"))
    for name, joined, truth in (
        ("none", [], True),
        ("true and true", [true, true], True),
        ("true and unknown", [true, unknown], None),
        ("unknown and false", [unknown, false], False),
    ):
        yield from _either_way(f"together: {name}", truth, joined, {"facts": {"count": 5}})
    licences = [
        licence("a", must_not(constraints=[where("elapsedTime", "gt", 1)]), effectiveFrom="2026-02-03T04:05:05Z")
    ]
    yield case("elapsed time is counted for each licence", [*licences, licence("b", may())], PASS, "b@1 may")


def _times() -> Iterator[Json]:
    same, spelled, later = NOW, "2026-02-03T04:05:06.000Z", "2026-02-03T04:05:06.5Z"
    for op, right, truth in (
        ("eq", spelled, True),
        ("neq", spelled, False),
        ("lt", later, True),
        ("lt", same, False),
        ("lteq", same, True),
        ("gt", "2026-02-03T04:05:05.999999Z", True),
        ("gteq", later, False),
        ("lt", "2026-02-30T00:00:00Z", None),
        ("eq", "tomorrow", None),
        ("lt", 2027, None),
    ):
        yield from _either_way(f"dateTime {op} {right}", truth, where("dateTime", op, right), {})
    for op, right, truth in (
        ("isAnyOf", [same, "never"], True),
        ("isAnyOf", [spelled], False),
        ("isNoneOf", [spelled], True),
        ("isPartOf", spelled, False),
        ("isPartOf", same, True),
    ):
        yield from _either_way(f"dateTime {op}", truth, where("dateTime", op, right), {})
    second = 33 * 86_400 + 4 * 3600 + 5 * 60 + 6
    yield from _either_way("elapsedTime to the second", True, where("elapsedTime", "lteq", second), {})
    yield from _either_way("elapsedTime over", False, where("elapsedTime", "lt", second), {})
    yield from _either_way("elapsedTime as text", None, where("elapsedTime", "eq", str(second)), {})


def _either_way(name: str, truth: bool | None, constraint: Json, claim: Json) -> Iterator[Json]:
    """The same constraint of a permission, which wants it true, and of a prohibition, which wants it not false."""
    joined = constraint if isinstance(constraint, list) else [constraint]
    right = jcs([item["right"] for item in joined]).decode()
    value = "unknown" if truth is None else str(truth).lower()
    told = f"{name}, {right}: {value}"
    members = {"claim": claim, "vocabulary": _PLACES}
    reason, at = (PASS, "a@1 may") if truth is True else (FAIL, "a@1")
    yield case(f"permission: {told}", [licence("a", may(constraints=joined))], reason, at, **members)
    reason, at = ("licence.prohibited", "a@1 not") if truth is not False else (PASS, "a@1 may")
    ruled = licence("a", may(), must_not(constraints=joined))
    yield case(f"prohibition: {told}", [ruled], reason, at, **members)


def _vocabulary() -> Iterator[Json]:
    actions: Json = {"actions": {"use": None, "publish": "use", "print": "publish", "sell": None}}
    ring: Json = {"actions": {"a": "b", "b": "c", "c": "a", "d": "d"}}
    general, narrow = licence("a", may(action="use")), licence("a", may(action="print"))
    yield case(
        "a permission covers what is narrower",
        [general],
        PASS,
        "a@1 may",
        check="data allows print",
        vocabulary=actions,
    )
    yield case(
        "a permission does not cover what is broader",
        [narrow],
        FAIL,
        "a@1",
        check="data allows publish",
        vocabulary=actions,
    )
    for name, action, forbidden in (
        ("what is narrower", "print", "use"),
        ("what is broader", "use", "print"),
        ("itself", "use", "use"),
    ):
        ruled = licence("a", may(action="use"), must_not(action=forbidden))
        asked = f"data allows {action}"
        yield case(
            f"a prohibition covers {name}", [ruled], "licence.prohibited", "a@1 not", check=asked, vocabulary=actions
        )
    beside = licence("a", may(action="use"), must_not(action="sell"))
    yield case("a prohibition beside it", [beside], PASS, "a@1 may", check="data allows print", vocabulary=actions)
    strange = {"vocabulary": actions, "check": "data allows copy"}
    yield case("an unknown action", [licence("a", may(action="copy"))], "licence.unknown_action", **strange)
    yield case("an unknown action of no resource", [], "licence.unknown_action", **strange)
    yield case(
        "a term only named as broader is unknown",
        [general],
        "licence.unknown_action",
        vocabulary={"actions": {"print": "use"}},
    )
    yield case("no actions at all", [general], "licence.unknown_action", vocabulary={"actions": {}})
    yield case(
        "a vocabulary without actions", [general], PASS, "a@1 may", vocabulary={"purposes": {"enrichment": None}}
    )
    circular = {"vocabulary": ring, "check": "data allows a"}
    yield case("circular: permitted", [licence("a", may(action="c"))], PASS, "a@1 may", **circular)
    yield case("circular: not permitted", [licence("a", may(action="d"))], FAIL, "a@1", **circular)
    yield case(
        "circular: forbidden",
        [licence("a", may(action="a"), must_not(action="b"))],
        "licence.prohibited",
        "a@1 not",
        **circular,
    )


def _purposes() -> Iterator[Json]:
    purposes: Json = {"purposes": {"research": None, "enrichment": "research", "resale": "resale"}}
    general = licence("a", may())
    for_research = licence("a", may(constraints=[where("purpose", "isPartOf", "research")]))
    yield case("a purpose and its broader one", [for_research], PASS, "a@1 may", vocabulary=purposes)
    yield case(
        "the claim's purpose counts", [for_research], FAIL, "a@1", vocabulary=purposes, claim={"purpose": "resale"}
    )
    yield case(
        "an unknown purpose", [for_research], "licence.unknown_purpose", vocabulary=purposes, claim={"purpose": "fun"}
    )
    yield case("no purpose stated", [for_research], FAIL, "a@1", vocabulary=purposes, facts={"purpose": None})
    yield case("no purpose needed", [general], PASS, "a@1 may", vocabulary=purposes, facts={"purpose": None})
    yield case("a purpose without a vocabulary", [for_research], PASS, "a@1 may", claim={"purpose": "research"})
    exact = licence("a", may(constraints=[where("purpose", "eq", "research")]))
    yield case("equal is not part of", [exact], FAIL, "a@1", vocabulary=purposes)
    unknown = {
        "vocabulary": {"actions": {"use": None}, **purposes},
        "claim": {"purpose": "fun"},
        "check": "data allows copy",
    }
    yield case("an unknown action comes before an unknown purpose", [general], "licence.unknown_action", **unknown)


def _duties() -> Iterator[Json]:
    cite, delete = {"action": "cite"}, {"action": "delete", "seconds": 3600}
    told = [{"rule": "may", "action": "cite", "seconds": None}, {"rule": "may", "action": "delete", "seconds": 3600}]
    dutiful = may(duties=[cite, delete])
    log, count = rule("obligation", "log", "log"), rule("obligation", "count", "count")
    logged, counted = ({"rule": name, "action": name, "seconds": None} for name in ("log", "count"))
    yield case("duties of the permission", [licence("a", dutiful)], PASS, "a@1 may", duties=told)
    ordered = licence("a", log, dutiful, count)
    yield case("duties in the order of the rules", [ordered], PASS, "a@1 may", duties=[logged, *told, counted])
    later = licence("a", may("may"), may("more", duties=[cite]))
    yield case("only the first permission's duties", [later], PASS, "a@1 may")
    for name, truth in (("eq", True), ("neq", False), ("within", None)):
        needed = rule("obligation", "log", "log", [where("count", name, 5)])
        expected = [] if truth is False else [logged]
        title = f"an obligation under a constraint that is {truth}"
        yield case(
            title, [licence("a", may(), needed)], PASS, "a@1 may", duties=expected, claim={"facts": {"count": 5}}
        )
    yield case("no duties without a pass", [licence("a", log, must_not())], "licence.prohibited", "a@1 not")
    two = [licence("a", may(), log), licence("b", dutiful, count)]
    yield case("duties of the permitting licence alone", two, PASS, "a@1 may", duties=[logged])


def _derived() -> Iterator[Json]:
    derived = {"type": "license_derived", "action": "use"}

    def of(name: str, sources: list[str], reason: str, at: str = "", **members: Json) -> Json:
        claim = {**derived, **members.pop("claim", {})}
        licences = members.pop("licences", known)
        return case(f"derived: {name}", licences, reason, at, claim=claim, facts={"sources": sources}, **members)

    known = [
        licence("a", may(duties=[{"action": "cite"}])),
        licence("b", may(), rule("obligation", "log", "log"), resource="other"),
        licence("c", may(), must_not(action="sell"), resource="third"),
        licence("d", may(), status="revoked"),
        licence("e", may(), assignees=["agent-1"]),
        licence("f", must_not()),
        licence("g", resource="other"),
    ]
    allowed = "licence.sources_permit"
    cited = {"licence": "a@1", "rule": "may", "action": "cite", "seconds": None}
    logged = {"licence": "b@1", "rule": "log", "action": "log", "seconds": None}
    yield of("of no source", [], "licence.no_source")
    yield of("of one source", ["a@1"], allowed, duties=[cited])
    yield of("of three sources", ["a@1", "b@1", "c@1"], allowed, duties=[cited, logged])
    yield of("one of three denies", ["a@1", "b@1", "f@1"], "licence.source_denies", "f@1")
    yield of("the first that denies is named", ["a@1", "d@1", "e@1", "f@1"], "licence.source_denies", "d@1")
    yield of("one not in force", ["d@1"], "licence.source_denies", "d@1")
    yield of("one for another user", ["a@1", "e@1"], "licence.source_denies", "e@1")
    yield of("one that says nothing", ["g@1"], "licence.source_denies", "g@1")
    yield of("one that the registry does not have", ["a@1", "b@2", "g@1"], "licence.source_denies", "b@2")
    yield of("another licence of the same resource does not count", ["b@1"], allowed, duties=[logged])
    action = {"vocabulary": {"actions": {"use": None, "sell": "use"}}}
    yield of(
        "narrower than permitted, yet prohibited",
        ["c@1"],
        "licence.source_denies",
        "c@1",
        claim={"action": "sell"},
        **action,
    )
    yield of("an unknown action", ["a@1"], "licence.unknown_action", claim={"action": "copy"}, **action)
    purposes = {"vocabulary": {"purposes": {"enrichment": None}}}
    yield of("an unknown purpose of no source", [], "licence.unknown_purpose", claim={"purpose": "fun"}, **purposes)
    since = licence("a", may(constraints=[where("elapsedTime", "lt", 10)]), effectiveFrom="2026-02-03T04:05:00Z")
    old = licence("b", may(constraints=[where("elapsedTime", "lt", 10)]))
    yield of("elapsed time is each source's own", ["a@1", "b@1"], "licence.source_denies", "b@1", licences=[since, old])


def _revoked() -> Iterator[Json]:
    def of(name: str, licences: list[Json], revoked: list[str] | None, reason: str, at: str = "", **more: Json) -> Json:
        return case(f"revoked: {name}", licences, reason, at, facts={"revoked": revoked}, **more)

    gone, silent = "licence.revoked", "licence.registry_unavailable"
    one, two = licence("a", may()), licence("b", may("also", duties=[{"action": "cite"}]))
    cited = [{"rule": "also", "action": "cite", "seconds": None}]
    yield of("the only one", [one], ["a@1"], gone, "a@1 may")
    yield of("the first of two, so the second permits", [one, two], ["a@1"], PASS, "b@1 also", duties=cited)
    yield of("the second of two changes nothing", [one, two], ["b@1"], PASS, "a@1 may")
    yield of("both, so the first is named", [two, one], ["a@1", "b@1"], gone, "a@1 may")
    yield of("the one that permits, beside one that does not", [licence("a"), two], ["b@1"], gone, "b@1 also")
    yield of("one that permits nothing", [licence("a"), two], ["a@1"], PASS, "b@1 also", duties=cited)
    yield of("nothing to take away", [licence("a")], ["a@1"], FAIL, "a@1")
    forbids = [one, licence("b", must_not())]
    yield of("its prohibition still forbids", forbids, ["b@1"], "licence.prohibited", "b@1 not")
    yield of("another version", [one, licence("a", may("newer"), version="2")], ["a@1"], PASS, "a@2 newer")
    yield of("no answer", [one], None, silent)
    yield of("no answer, and nothing would be permitted", [licence("a")], None, FAIL, "a@1")
    yield of("no answer, and it is prohibited", forbids, None, "licence.prohibited", "b@1 not")
    yield of("no answer, and it has expired", [licence("a", may(), effectiveTo=NOW)], None, "licence.not_active", "a@1")
    yield of("no answer about no licence", [], None, "licence.unknown_resource")
    yield of("no answer, malformed", [one], None, "licence.malformed_check", check="data permits use")


def _revoked_sources() -> Iterator[Json]:
    known = [licence("a", may()), licence("b", may(), resource="other"), licence("c", must_not(), resource="third")]

    def of(name: str, sources: list[str], revoked: list[str] | None, reason: str, at: str = "") -> Json:
        claim, facts = {"type": "license_derived", "action": "use"}, {"sources": sources, "revoked": revoked}
        return case(f"revoked, derived: {name}", known, reason, at, claim=claim, facts=facts)

    gone, silent = "licence.revoked", "licence.registry_unavailable"
    yield of("one of two", ["a@1", "b@1"], ["b@1"], gone, "b@1")
    yield of("the first is named", ["a@1", "b@1"], ["a@1", "b@1"], gone, "a@1")
    yield of("one that denies is named before it", ["a@1", "c@1"], ["a@1"], "licence.source_denies", "c@1")
    yield of("no answer", ["a@1"], None, silent)
    yield of("no answer, and one denies", ["a@1", "c@1"], None, "licence.source_denies", "c@1")
    yield of("no answer about no source", [], None, "licence.no_source")
