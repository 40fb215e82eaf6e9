"""Licence proofs, with the registry that they rest on; everything is written out by hand."""

from __future__ import annotations

__all__ = ["DERIVED", "LICENSED", "REGISTRY"]

from typing import Any

from keyring import digest_of
from maker import TIME, proof

Json = Any

_COMMON = {
    "version": "1",
    "title": "Test terms",
    "effectiveFrom": "2026-01-01T00:00:00Z",
    "effectiveTo": None,
    "status": "active",
    "terms": "For tests.",
}

REGISTRY: Json = {
    "licences": [
        {
            **_COMMON,
            "licenceId": "open",
            "resource": "open.example.com",
            "spdx": "CC-BY-4.0",
            "rules": [
                {"ruleId": "share", "kind": "permission", "action": "use", "duties": [{"action": "attribute"}]},
                {"ruleId": "log", "kind": "obligation", "action": "log"},
            ],
        },
        {
            **_COMMON,
            "licenceId": "closed",
            "resource": "closed.example.com",
            "assigner": "example.com",
            "assignees": ["agent-456"],
            "rules": [
                {
                    "ruleId": "research",
                    "kind": "permission",
                    "action": "use",
                    "constraints": [{"left": "purpose", "op": "isPartOf", "right": "research"}],
                    "duties": [{"action": "delete", "seconds": 86400}, {"action": "cite"}],
                },
                {"ruleId": "no-sale", "kind": "prohibition", "action": "sell"},
            ],
        },
        {**_COMMON, "licenceId": "simple", "resource": "simple.example.com", "permit": ["read"], "prohibit": ["sell"]},
    ],
    "vocabulary": {
        "actions": {"use": None, "read": "use", "publish": "use", "sell": "use"},
        "purposes": {"research": None, "enrichment": "research", "resale": None},
    },
}

_SHARED = {"registry": digest_of(REGISTRY), "now": TIME, "purpose": "enrichment", "facts": {}, "revoked": []}
_OPEN_DUTIES = [
    {"rule": "share", "action": "attribute", "seconds": None},
    {"rule": "log", "action": "log", "seconds": None},
]
_CLOSED_DUTIES = [
    {"rule": "research", "action": "delete", "seconds": 86400},
    {"rule": "research", "action": "cite", "seconds": None},
]


def _evidence(
    resource: str, action: str, licence: str | None, rule: str | None, *duties: Json, **members: Json
) -> Json:
    decided = {"licence": licence, "rule": rule, "duties": list(duties)}
    return {**_SHARED, "resource": resource, "action": action, **decided, **members}


def _check(resource: str, action: str, **members: Json) -> Json:
    return {"type": "license_registry", "check": f"{resource} allows {action}", **members}


_OPEN, _CLOSED = "open.example.com", "closed.example.com"

LICENSED: list[tuple[str, Json, Json, str, str]] = [
    (
        "licence-duties",
        _check(_OPEN, "publish", facts={"spatial": "EU", "count": 2}),
        _evidence(_OPEN, "publish", "open@1", "share", *_OPEN_DUTIES, facts={"spatial": "EU", "count": 2}),
        "pass",
        "licence.permitted",
    ),
    (
        "licence-purpose-of-the-claim",
        _check(_CLOSED, "read", purpose="resale"),
        _evidence(_CLOSED, "read", "closed@1", None, purpose="resale"),
        "fail",
        "licence.not_permitted",
    ),
    (
        "licence-forbidden-part",
        _check(_CLOSED, "use"),
        _evidence(_CLOSED, "use", "closed@1", "no-sale"),
        "fail",
        "licence.prohibited",
    ),
    (
        "licence-unknown-action",
        _check(_OPEN, "print"),
        _evidence(_OPEN, "print", None, None),
        "fail",
        "licence.unknown_action",
    ),
    (
        "licence-unknown-purpose",
        _check(_OPEN, "read", purpose="fun"),
        _evidence(_OPEN, "read", None, None, purpose="fun"),
        "fail",
        "licence.unknown_purpose",
    ),
    (
        "licence-revoked",
        _check(_OPEN, "read"),
        _evidence(_OPEN, "read", "open@1", "share", revoked=["open@1"]),
        "fail",
        "licence.revoked",
    ),
    (
        "licence-without-answer",
        _check(_OPEN, "read"),
        _evidence(_OPEN, "read", None, None, revoked=None),
        "error",
        "licence.registry_unavailable",
    ),
]

_READ_OPEN, _READ_CLOSED = _check(_OPEN, "read"), _check(_CLOSED, "read")
_ALSO = {
    "read-open": _READ_OPEN,
    "read-closed": _READ_CLOSED,
    "unsold": {**_check(_CLOSED, "sell"), "severity": "warn"},
}
_ALSO["either"] = {"type": "any", "provers": ["unsold", "read-closed"]}
_ALSO["either-open"] = {"type": "any", "provers": ["unsold", "read-open"]}
_ALSO["unlicensed"] = {**_check("elsewhere", "read"), "severity": "warn"}

_PASSED_OPEN = _evidence(_OPEN, "read", "open@1", "share", *_OPEN_DUTIES)
_PASSED_CLOSED = _evidence(_CLOSED, "read", "closed@1", "research", *_CLOSED_DUTIES)
_NOT_SOLD = _evidence(_CLOSED, "sell", "closed@1", "no-sale")


def _gate(prover: str, result: str, reason: str, evidence: Json, severity: str = "block") -> Json:
    return proof(prover, "license_registry", result, reason, evidence, severity)


def _nested(told: Json) -> Json:
    return {name: member for name, member in told.items() if name != "severity"}


_FROM_OPEN = _gate("read-open", "pass", "licence.permitted", _PASSED_OPEN)
_FROM_CLOSED = _gate("read-closed", "pass", "licence.permitted", _PASSED_CLOSED)
_UNSOLD = _gate("unsold", "fail", "licence.prohibited", _NOT_SOLD, "warn")
_EITHER = proof("either", "any", "pass", "combined.met", {"proofs": [_nested(_UNSOLD), _nested(_FROM_CLOSED)]})
_EITHER_OPEN = proof("either-open", "any", "pass", "combined.met", {"proofs": [_nested(_UNSOLD), _nested(_FROM_OPEN)]})
_UNLICENSED = _gate(
    "unlicensed", "fail", "licence.unknown_resource", _evidence("elsewhere", "read", None, None), "warn"
)


def _derived(action: str, sources: list[str], licence: str | None, *duties: Json, **members: Json) -> Json:
    return {**_SHARED, "action": action, "sources": sources, "licence": licence, "duties": list(duties), **members}


_ALL_DUTIES = [{"licence": "closed@1", **duty} for duty in _CLOSED_DUTIES] + [
    {"licence": "open@1", **duty} for duty in _OPEN_DUTIES
]
_BOTH = ["closed@1", "open@1"]
_ASKED: Json = {"type": "license_derived", "action": "publish"}
_SALE: Json = {"type": "license_derived", "action": "sell"}
_TWO = (("first", [_FROM_OPEN], {}), ("second", [_UNSOLD, _EITHER], {}))

DERIVED: list[tuple[Any, ...]] = [
    (
        "derived-of-two",
        _ASKED,
        _derived("publish", _BOTH, None, *_ALL_DUTIES),
        "pass",
        "licence.sources_permit",
        {},
        _TWO,
        _ALSO,
    ),
    ("derived-denied", _SALE, _derived("sell", _BOTH, "closed@1"), "fail", "licence.source_denies", {}, _TWO, _ALSO),
    (
        "derived-revoked",
        _ASKED,
        _derived("publish", _BOTH, "closed@1", revoked=_BOTH),
        "fail",
        "licence.revoked",
        {},
        _TWO,
        _ALSO,
    ),
    (
        "derived-without-answer",
        _ASKED,
        _derived("publish", _BOTH, None, revoked=None),
        "error",
        "licence.registry_unavailable",
        {},
        _TWO,
        _ALSO,
    ),
    (
        "derived-of-nothing",
        _ASKED,
        _derived("publish", [], None),
        "fail",
        "licence.no_source",
        {},
        (("first", [], {}),),
        _ALSO,
    ),
    (
        "derived-of-what-was-only-warned-of",
        _ASKED,
        _derived("publish", ["closed@1"], None, *_ALL_DUTIES[: len(_CLOSED_DUTIES)]),
        "pass",
        "licence.sources_permit",
        {},
        (("first", [_UNSOLD], {}),),
        _ALSO,
    ),
    (
        "derived-of-an-alternative-that-was-not-taken",
        _SALE,
        _derived("sell", ["open@1"], None, *_ALL_DUTIES[len(_CLOSED_DUTIES) :]),
        "pass",
        "licence.sources_permit",
        {},
        (("first", [_EITHER_OPEN], {}),),
        _ALSO,
    ),
    (
        "derived-of-data-without-a-licence",
        _ASKED,
        _derived("publish", ["open@1"], None, revoked=[]),
        "fail",
        "licence.source_denies",
        {},
        (("first", [_FROM_OPEN, _UNLICENSED], {}),),
        _ALSO,
    ),
    (
        "derived-unknown-purpose",
        {**_ASKED, "purpose": "fun"},
        _derived("publish", _BOTH, None, purpose="fun"),
        "fail",
        "licence.unknown_purpose",
        {},
        _TWO,
        _ALSO,
    ),
]
