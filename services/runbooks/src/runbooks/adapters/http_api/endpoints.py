"""Addresses of external APIs as text: one strict reading, so that what is compared is what is connected to.

An author names an endpoint, an operator says in `endpoints` of settings.json which origins there are and where each is
reached. A host is an ASCII name or a canonical IP literal; user, fragment, trailing dot, control and blank characters,
backslash and encoded dot segments have no reading here.
"""

from __future__ import annotations

__all__ = ["Endpoint", "Target", "parse_target", "read_endpoints"]

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runbooks.adapters.http_api.addresses import is_allowed, literal_of
from runbooks.errors import SettingsError

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_TARGET = re.compile(
    rf"(https?)://({_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{{1,5}}))?"
    r"((?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?)((?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_MAX_HOST = 253


@dataclass(frozen=True)
class Target:
    """`origin` is `scheme://host[:port]` in its one spelling; `rest` is path and query; `host` is without brackets."""

    scheme: str
    host: str
    port: int
    origin: str
    path: str
    query: str

    @property
    def rest(self) -> str:
        """Path and query, at least `/`."""
        return (self.path or "/") + self.query


@dataclass(frozen=True)
class Endpoint:
    """Where an origin is reached; `is_private` allows addresses of this machine and of private networks."""

    base: Target
    is_private: bool


def parse_target(text: str) -> Target:
    """The parts of an address; raises ValueError that says what is wrong with it."""
    match = _TARGET.fullmatch(text)
    if match is None or len(match[2]) > _MAX_HOST:
        raise ValueError("not an http(s) address with an ASCII host, without a user, a fragment or a trailing dot")
    scheme, host, path = match[1], match[2].lower(), match[4]
    port = int(match[3] or _PORTS[scheme])
    if not 0 < port < 65536:
        raise ValueError(f"{port} is no port")
    if _DOTS.search(path):
        raise ValueError("a segment of its path is . or ..")
    try:
        literal = literal_of(host)
    except ValueError:
        raise ValueError(f"{host} is a number in no spelling that all programs read alike") from None
    if literal is not None:
        host = str(literal) if literal.version == 4 else f"[{literal}]"
    origin = f"{scheme}://{host}" + ("" if port == _PORTS[scheme] else f":{port}")
    return Target(scheme, host.strip("[]"), port, origin, path, match[5])


def read_endpoints(setting: Mapping[str, Any]) -> dict[str, Endpoint]:
    """Endpoint by origin; raises SettingsError with what is wrong and what to do.

    A value is an address, or `{"base": address, "private": true}` for one that is not on the public Internet.
    """
    found: dict[str, Endpoint] = {}
    for origin, value in setting.items():
        members = {"base": value} if isinstance(value, str) else value
        if not isinstance(members, dict) or not {"base"} <= members.keys() <= {"base", "private"}:
            raise _wrong(origin, 'must be an address or {"base": address, "private": true or false}')
        private = members.get("private", False)
        if not isinstance(private, bool) or not isinstance(members["base"], str):
            raise _wrong(origin, "`base` must be a text and `private` true or false")
        name = _origin(origin)
        if name in found:
            raise _wrong(origin, f"{name} is there twice")
        found[name] = Endpoint(_base(origin, members["base"], private), private)
    return found


def _origin(text: str) -> str:
    try:
        target = parse_target(text)
    except ValueError as error:
        raise _wrong(text, f"as an origin: {error}") from None
    if target.path or target.query:
        raise _wrong(text, f"an origin has neither path nor query; write {target.origin}")
    return target.origin


def _base(origin: str, text: str, private: bool) -> Target:
    try:
        target = parse_target(text)
    except ValueError as error:
        raise _wrong(origin, f"base {text}: {error}") from None
    if target.query:
        raise _wrong(origin, f"base {text} has a query")
    literal = literal_of(f"[{target.host}]" if ":" in target.host else target.host)
    if literal is not None and not is_allowed(literal, private=private):
        what = f"base {text} is no address of the public Internet"
        if is_allowed(literal, private=True):
            what += f'; if it is meant, write {{"base": "{text}", "private": true}}'
        raise _wrong(origin, what)
    return target


def _wrong(origin: str, what: str) -> SettingsError:
    return SettingsError(f"endpoints in settings.json, {origin}: {what}")
