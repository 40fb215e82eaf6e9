"""Codes of published vocabularies in licences: the shipped terms, and DUO's modifiers (spec/licences.md, 8)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from runbooks.licensing import Use, decide
from runbooks.registries import registry_problems

ROOT = Path(__file__).parents[3]
SHIPPED = json.loads((ROOT / "services" / "runbooks" / "licences" / "licences.json").read_bytes())
PURPOSES = SHIPPED["vocabulary"]["purposes"]
NOW = "2026-06-01T12:00:00Z"
DAY = 86_400

Json = Any


def where(left: str, op: str, right: Json) -> Json:
    return {"left": left, "op": op, "right": right}


def must_not(constraint: Json, action: str = "use") -> Json:
    return {"kind": "prohibition", "action": action, "constraints": [constraint]}


def reason(
    use: Json, *, limits: Json = (), also: Json = (), duties: Json = (), **members: Json
) -> tuple[str, list[str]]:
    """What a licence to use, limited so, says to a use; and the actions that are owed."""
    permission = {"kind": "permission", "action": "use", "constraints": list(limits), "duties": list(duties)}
    licence = {
        "licenceId": "l",
        "version": "1",
        "title": "",
        "resource": "data",
        "effectiveFrom": "2026-01-01T00:00:00Z",
        "effectiveTo": None,
        "status": "active",
        "terms": "",
        "rules": [{"ruleId": f"r{number}", **rule} for number, rule in enumerate([permission, *also])],
        **members,
    }
    vocabulary = {**SHIPPED["vocabulary"], "places": {"CH": "Europe", "Europe": None, "US": None}}
    registry = {"licences": [licence], "vocabulary": vocabulary}
    assert registry_problems("licences", registry) == []
    facts = {"action": "analysis", "user": "ann", "now": NOW, "purpose": "DUO:HMB", "facts": {}, **use}
    decided = decide(registry, "data", Use(**facts), ())
    return decided.reason, [duty["action"] for duty in decided.duties]


def fact(**facts: Json) -> Json:
    return {"facts": facts}


# Of each modifier: what it adds to a licence, a use that fits, and uses that do not.
MODIFIERS: dict[str, tuple[Json, Json, list[Json]]] = {
    "RS": (
        {"limits": [where("purpose", "isAnyOf", ["DUO:DS", "DUO:POA"])]},
        {"purpose": "DUO:DS"},
        [{"purpose": "DUO:HMB"}, {"purpose": None}],
    ),
    "GSO": ({"limits": [where("purpose", "isPartOf", "DUO:GSO")]}, {"purpose": "DUO:GSO"}, [{"purpose": "DUO:HMB"}]),
    "NMDS": (
        {"also": [must_not(where("purpose", "isPartOf", "methods-development"))]},
        {},
        [{"purpose": "methods-development"}, {"purpose": None}],
    ),
    "NPOA": ({"also": [must_not(where("purpose", "isPartOf", "DUO:POA"))]}, {}, [{"purpose": "DUO:POA"}]),
    "NCU": (
        {"also": [must_not(where("purpose", "isPartOf", "dpv:CommercialPurpose"))]},
        {"purpose": "DUO:NCU"},
        [{"purpose": "dpv:CommercialResearch"}, {"purpose": None}],
    ),
    "NPU": (
        {"limits": [where("institution", "isAnyOf", ["hospital"])]},
        fact(institution="hospital"),
        [fact(institution="shop"), {}],
    ),
    "NPUNCU": (
        {
            "limits": [where("institution", "isAnyOf", ["hospital"])],
            "also": [must_not(where("purpose", "isPartOf", "dpv:CommercialPurpose"))],
        },
        fact(institution="hospital"),
        [{**fact(institution="hospital"), "purpose": "dpv:CommercialPurpose"}, fact(institution="shop")],
    ),
    "IRB": ({"limits": [where("project", "isAnyOf", ["p1"])]}, fact(project="p1"), [fact(project="p2"), {}]),
    "GS": ({"limits": [where("spatial", "isPartOf", "Europe")]}, fact(spatial="CH"), [fact(spatial="US"), {}]),
    "IS": (
        {"limits": [where("institution", "isAnyOf", ["a", "b"])]},
        fact(institution="b"),
        [fact(institution="c"), {}],
    ),
    "PS": ({"limits": [where("project", "isAnyOf", ["p1"])]}, fact(project="p1"), [fact(project="p2"), {}]),
    "US": ({"assignees": ["ann"]}, {}, [{"user": "bob"}]),
    "TS": (
        {"limits": [where("elapsedTime", "lt", 151 * DAY + DAY // 2)]},
        {"now": "2026-06-01T11:59:59.999999Z"},
        [{"now": NOW}],
    ),
    "MOR": (
        {"also": [must_not(where("dateTime", "lt", NOW), "publication")]},
        {"action": "publication"},
        [{"action": "publication", "now": "2026-06-01T11:59:59.999999Z"}],
    ),
    "PUB": ({"duties": [{"action": "publishResults"}]}, {}, []),
    "COL": ({"duties": [{"action": "collaborate"}]}, {}, []),
    "RTN": ({"duties": [{"action": "returnDerived", "seconds": 90 * DAY}]}, {}, []),
}


@pytest.mark.parametrize("code", MODIFIERS)
def test_a_modifier_of_duo_lets_be_what_fits_and_denies_the_rest(code: str) -> None:
    terms, fitting, others = MODIFIERS[code]
    assert reason(fitting, **terms) == ("licence.permitted", [duty["action"] for duty in terms.get("duties", ())])
    for other in others:
        assert reason(other)[0] == "licence.permitted", "without the modifier it is permitted"
        assert reason(other, **terms)[0] in ("licence.not_permitted", "licence.prohibited", "licence.not_assigned")


def test_the_specification_tells_each_modifier_as_it_is_tested_here() -> None:
    text = (ROOT / "spec" / "licences.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([A-Z]{2,6}) [^|]*\|[^|]*\| (.*) \|$", text, re.MULTILINE))
    assert rows.keys() == MODIFIERS.keys()
    assert rows.pop("NPUNCU") == "NPU and NCU"
    for code, told in rows.items():
        name = re.findall(r"`(\w+)", told)[0]
        assert f'"{name}"' in json.dumps(MODIFIERS[code][0]), code


def test_the_permissions_of_duo_and_the_purposes_of_dpv_cover_what_is_narrower() -> None:
    for purpose, permitted in (
        ("DUO:HMB", {"DUO:HMB", "DUO:DS"}),
        ("DUO:GRU", {"DUO:GRU", "DUO:HMB", "DUO:DS", "DUO:POA", "DUO:GSO", "methods-development"}),
        (
            "dpv:EnforceSecurity",
            {
                "dpv:EnforceSecurity",
                "dpv:MisusePreventionAndDetection",
                "dpv:FraudPreventionAndDetection",
                "dpv:CounterMoneyLaundering",
                "dpv:MaintainFraudDatabase",
            },
        ),
        ("dpv:CommercialPurpose", {"dpv:CommercialPurpose", "dpv:CommercialResearch"}),
    ):
        limits = [where("purpose", "isPartOf", purpose)]
        told = {name for name in PURPOSES if reason({"purpose": name}, limits=limits)[0] == "licence.permitted"}
        assert told == permitted


def test_every_broader_term_of_the_shipped_vocabulary_is_a_term_of_it() -> None:
    for terms in SHIPPED["vocabulary"].values():
        assert {broader for broader in terms.values() if broader is not None} <= terms.keys()


def test_every_action_of_the_shipped_licences_is_a_term() -> None:
    rules = [rule for licence in SHIPPED["licences"] for rule in licence.get("rules", ())]
    lists = [
        name for licence in SHIPPED["licences"] for part in ("permit", "prohibit") for name in licence.get(part, ())
    ]
    assert {*lists, *(rule["action"] for rule in rules)} <= SHIPPED["vocabulary"]["actions"].keys()
