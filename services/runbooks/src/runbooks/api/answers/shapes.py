"""What schemas are put together from: closed objects, references, and the texts that every answer has."""

from __future__ import annotations

__all__ = [
    "ANY",
    "BASE64",
    "COUNT",
    "FLAG",
    "OPEN",
    "TEXT",
    "TEXTS",
    "TEXT_COMPONENTS",
    "Members",
    "Schema",
    "closed",
    "list_of",
    "one_of",
    "or_null",
    "ref",
    "said",
]

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
Members = Mapping[str, Schema]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXTS: Schema = {"type": "array", "items": TEXT}
# Values of authors, people and the world outside: any JSON, and any object.
ANY: Schema = {}
OPEN: Schema = {"type": "object", "additionalProperties": True}

_LONG, _SHORT = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])", "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_MONTHS = f"{_LONG}|{_SHORT}|02-(?:0[1-9]|1[0-9]|2[0-8])"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
_CLOCK = "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?Z"
BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"
# As spec/schemas/manifest.schema.json has them; a test holds them equal.
TEXT_COMPONENTS: dict[str, Schema] = {
    "Digest": {
        "type": "string",
        "pattern": "^sha256:[0-9a-f]{64}$",
        "description": "SHA-256, mostly of RFC 8785 bytes",
    },
    "Time": {
        "type": "string",
        "pattern": f"^(?:[0-9]{{4}}-(?:{_MONTHS})|{_LEAP}){_CLOCK}$",
        "description": "RFC 3339 in UTC, a real calendar date, no leap second",
    },
    "Identifier": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]>=<-]{0,127}$"},
    "Base64": {
        "type": "string",
        "pattern": f"^base64:{BASE64}$",
        "description": "`base64:` and canonical padded Base64",
    },
}


def one_of(texts: Iterable[str]) -> dict[str, Any]:
    """One of these texts."""
    return {"type": "string", "enum": list(texts)}


def ref(name: str) -> dict[str, Any]:
    """The component of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(description: str, members: Members, optional: Sequence[str] = ()) -> dict[str, Any]:
    """An object with these members and no others; all but the `optional` ones are always there."""
    return {
        "type": "object",
        "description": description,
        "required": [name for name in members if name not in optional],
        "properties": dict(members),
        "additionalProperties": False,
    }


def or_null(schema: Schema) -> dict[str, Any]:
    """The same, or null."""
    if isinstance(kind := schema.get("type"), str) and not schema.keys() & {"enum", "properties"}:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema: Schema) -> dict[str, Any]:
    """A list of such."""
    return {"type": "array", "items": schema}


def said(schema: Schema, description: str) -> dict[str, Any]:
    """The same, and what it means there."""
    return {**schema, "description": description}
