"""Strict JSON in, RFC 8785 bytes out, and the digests over them (spec/pcq-v1.md, 1).

Every value that is hashed, signed or recorded passes through `dumps`, and every document that
comes from outside through `loads`. Both refuse what two readers could understand differently:
duplicate names, lone surrogates, NaN, numbers beyond 2^53 - 1, depth over 64.
"""

from __future__ import annotations

__all__ = [
    "MAX_DEPTH",
    "MAX_MEMBERS",
    "MAX_NUMBER",
    "MAX_VALUE_DEPTH",
    "as_recorded",
    "digest",
    "digest_of",
    "dumps",
    "is_identifier",
    "loads",
    "pae",
    "pointer_to",
    "require_recordable",
    "to_base64",
]

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable
from typing import Any

import orjson
import rfc8785

from runbooks.errors import CanonicalError

MAX_DEPTH = 64
MAX_MEMBERS = 10_000
MAX_NUMBER = 2**53 - 1
# Depth of a value that is recorded: ledger and manifest put up to a dozen levels of their own around it.
MAX_VALUE_DEPTH = 48

_FAST = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
# orjson itself refuses integers beyond 2^53 - 1 and lone surrogates.
_PLAIN_SCALARS = frozenset({str, bool, int, type(None)})

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@\[\]>=<-]{0,127}")


def dumps(value: Any) -> bytes:
    """RFC 8785 bytes of `value`; raises CanonicalError for what strict JSON cannot hold."""
    fast = _dumps_plain(value)
    if fast is not None:
        return fast
    _reject_unsafe(value)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise CanonicalError(f"value is not strict JSON: {error}", code="json.value") from None


def loads(data: bytes) -> Any:
    """The value of strict JSON bytes; raises CanonicalError that says where and why not."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise CanonicalError(f"not JSON: {error}", code="json.syntax") from None
    # Bytes that come back unchanged are canonical, so no name was repeated and nothing is refused.
    if _dumps_plain(value) == data:
        return value
    _reject_unsafe(value)
    try:
        value = json.loads(data, object_pairs_hook=_pairs)
    except ValueError as error:
        raise CanonicalError(f"not JSON: {error}", code="json.syntax") from None
    _reject_duplicates(value)
    return value


def as_recorded(value: Any) -> Any:
    """`value` as everybody reads it from the record: order of members and spelling of numbers are those of RFC 8785.

    An expression can tell `{"b": 1, "a": 2}` from `{"a": 2, "b": 1}`, so what it sees while an execution lives must be
    what a replay and a verifier see. Raises CanonicalError.
    """
    return loads(dumps(value)) if isinstance(value, dict | list | float) else value


def require_recordable(value: Any) -> None:
    """Raise CanonicalError when `value` is not strict JSON or deeper than a manifest can hold."""
    if _dumps_plain(value, MAX_VALUE_DEPTH) is not None:
        return
    dumps(value)
    level = [value]
    for _ in range(MAX_VALUE_DEPTH):
        level = [item for inner in level for item in _containers(inner)]
        if not level:
            return
    raise CanonicalError(f"/: deeper than {MAX_VALUE_DEPTH} levels; a manifest cannot hold it", code="json.depth")


def digest(data: bytes) -> str:
    """`sha256:` and the 64 hexadecimal digits of SHA-256."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """Digest of the RFC 8785 bytes of `value`."""
    return digest(dumps(value))


def to_base64(data: bytes) -> str:
    """`base64:` and the padded Base64 text."""
    return "base64:" + base64.b64encode(data).decode("ascii")


def pae(kind: str, body: bytes) -> bytes:
    """DSSE v1 pre-authentication encoding with the payload type of a `.pcq` statement."""
    payload_type = f"application/vnd.pcq.{kind}.v1+json".encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type, len(body), body)


def is_identifier(text: str) -> bool:
    """True when `text` has the form of a runbookId, stepId or prover name."""
    return _IDENTIFIER.fullmatch(text) is not None


def pointer_to(path: Iterable[str | int]) -> str:
    """RFC 6901 JSON Pointer of a path of member names and list indices."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _dumps_plain(value: Any, depth: int = MAX_DEPTH) -> bytes | None:
    # orjson's sorted output equals RFC 8785 but for floats (spelling), NaN (written as null) and member names that are
    # not ASCII (order). None when there is any of them, or something that is no strict JSON.
    try:
        fast = orjson.dumps(value, option=_FAST)
    except orjson.JSONEncodeError:
        return None
    return fast if _is_plain(value, depth) else None


def _is_plain(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is dict and depth > 0 and len(value) <= MAX_MEMBERS:
        for name, item in value.items():
            if not name.isascii() or (type(item) not in _PLAIN_SCALARS and not _is_plain(item, depth - 1)):
                return False
        return True
    if kind is list and depth > 0:
        for item in value:  # noqa: SIM110 (a loop is twice as fast as `all`)
            if type(item) not in _PLAIN_SCALARS and not _is_plain(item, depth - 1):
                return False
        return True
    return kind in _PLAIN_SCALARS


def _reject_unsafe(root: Any) -> None:
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), root)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict | list):
            if len(path) >= MAX_DEPTH:
                raise CanonicalError(f"{pointer_to(path[:3])}…: deeper than {MAX_DEPTH} levels", code="json.depth")
            stack.extend(_children(path, value))
        else:
            _reject_scalar(path, value)


def _containers(value: Any) -> Iterable[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (item for item in items if isinstance(item, dict | list))


def _children(path: tuple[str | int, ...], value: Any) -> Iterable[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, list):
        return [((*path, index), item) for index, item in enumerate(value)]
    if len(value) > MAX_MEMBERS:
        raise CanonicalError(f"{pointer_to(path) or '/'}: more than {MAX_MEMBERS} members", code="json.members")
    for name in value:
        if not isinstance(name, str):
            raise CanonicalError(f"{pointer_to(path) or '/'}: member name {name!r} is no text", code="json.value")
    return [((*path, name), item) for name, item in value.items()]


def _reject_scalar(path: tuple[str | int, ...], value: Any) -> None:
    where = pointer_to(path) or "/"
    if value is None or isinstance(value, bool | str):
        return
    if not isinstance(value, int | float):
        raise CanonicalError(f"{where}: a {type(value).__name__} is no JSON value", code="json.value")
    if isinstance(value, float) and not math.isfinite(value):
        raise CanonicalError(f"{where}: number is not finite; NaN and infinity are no JSON", code="json.number")
    if abs(value) > MAX_NUMBER:
        raise CanonicalError(f"{where}: number beyond 2^53 - 1; write it as text", code="json.number")


class _Repeated(dict[str, Any]):
    """An object in which a member name occurred twice."""

    name = ""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    repeated = _Repeated(value)
    seen: set[str] = set()
    repeated.name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated


def _reject_duplicates(root: Any) -> None:
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), root)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, _Repeated):
            raise CanonicalError(f"{pointer_to((*path, value.name))}: member name occurs twice", code="json.duplicate")
        if isinstance(value, dict | list):
            stack.extend(_children(path, value))
