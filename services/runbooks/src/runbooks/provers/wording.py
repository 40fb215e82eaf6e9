"""What a claim's template may say, and the text that it gives with its values (spec/provers.md, 5). Pure."""

from __future__ import annotations

__all__ = ["TEMPLATE_RULES", "template_fault"]

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from runbooks.canonical import digest_of, dumps

TEMPLATE_RULES = ("citations.placeholders", "citations.literal_number", "citations.value", "citations.text")

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def template_fault(item: Mapping[str, Any], found: Mapping[str, str | None]) -> str | None:
    """The first rule that a claim with a template breaks; `found` has the digests of what its values point at."""
    template, values = item["template"], item["values"]
    # Every second part is a placeholder's name.
    parts = _PLACEHOLDER.split(template)
    words, names = "".join(parts[::2]), parts[1::2]
    if set(names) != values.keys() or "{" in words or "}" in words:
        return "citations.placeholders"
    if any(unicodedata.category(character).startswith("N") for character in words):
        return "citations.literal_number"
    texts = {name: _text_of(value["value"]) for name, value in values.items()}
    if any(texts[name] is None or found[name] != digest_of(value["value"]) for name, value in values.items()):
        return "citations.value"
    # In one pass: a value with braces in it is text like any other.
    written = _PLACEHOLDER.sub(lambda match: texts[match[1]] or "", template)
    return None if written == item["text"] else "citations.text"


def _text_of(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return dumps(value).decode() if is_number else None
