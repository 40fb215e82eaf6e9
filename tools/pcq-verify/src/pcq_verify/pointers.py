"""RFC 6901 pointers into recorded values."""

from __future__ import annotations

__all__ = ["NOTHING", "escaped", "follow"]

import re
from typing import Any

NOTHING = object()

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_BAD_ESCAPE = re.compile("~(?![01])")


def follow(value: Any, pointer: str) -> Any:
    """What `pointer` leads to from `value`, or `NOTHING`."""
    if pointer and not pointer.startswith("/"):
        return NOTHING
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if _BAD_ESCAPE.search(part):
            return NOTHING
        if type(value) is dict and name in value:
            value = value[name]
        elif type(value) is list and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return NOTHING
    return value


def escaped(name: str) -> str:
    """A member's name as one part of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")
