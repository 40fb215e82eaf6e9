"""What a reference address tells: which document it is, whether that is evidence, and when it was published.

Two addresses are one document when they differ only in scheme, `www.`, a trailing slash, a fragment, advertising
parameters, or in being an archived copy. Nothing is fetched; a date is read from the address alone.
"""

from __future__ import annotations

__all__ = ["document_id", "is_evidence", "published"]

import re
from datetime import UTC, date, datetime
from functools import lru_cache

_ADDRESS = re.compile(r"https?://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"[\w-]+(?:\.[\w-]+)+/")
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/[^/]+/(.*)", re.IGNORECASE)
_ARCHIVED_SCHEME = re.compile(r"(https?):/+")

# Pages that are kept up to date about an actor or a family. They say what others found, so they are no evidence.
_KNOWLEDGE_BASES = re.compile(
    r"attack\.mitre\.org/"
    r"|malpedia\.caad\.fkie\.fraunhofer\.de/"
    r"|[a-z]+\.wikipedia\.org/"
    r"|ransomlook\.io/"
    r"|ransomware\.live/"
    r"|cfr\.org/"
    r"|secureworks\.com/research/threat-profiles"
    r"|unit42\.paloaltonetworks\.com/atoms/"
    r"|crowdstrike\.com/(?:en-us/)?adversar"
    r"|dragos\.com/(?:threat|adversar|resource)"
    r"|learn\.microsoft\.com/.*threat-actor-naming"
    r"|microsoft\.com/.*wdsi/threats"
    r"|(?:mandiant|fireeye|cloud\.google)\.com/.*apt-groups"
    r"|thaicert\.or\.th/downloads/files/Threat_Group_Cards"
    r"|bsi\.bund\.de/.*aktive-apt",
    re.IGNORECASE,
)

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([/-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])(?!\d)")
_TWEET = re.compile(r"(?:mobile\.)?twitter\.com/[^/]+/status(?:es)?/(\d{15,20})(?!\d)")
# Milliseconds from 1970 to the zero of the time inside a tweet's id, whose upper bits are milliseconds.
_TWEET_EPOCH = 1_288_834_974_657


@lru_cache(maxsize=32_768)
def document_id(address: str) -> str | None:
    """The normal form of an address, without scheme; None for text that is no address of a page."""
    text = _unarchived(address.strip())
    if _BARE_ADDRESS.match(text):
        text = "http://" + text
    parts = _ADDRESS.match(text)
    if parts is None:
        return None
    host = parts[1].lower().removesuffix(":80").removesuffix(":443").removeprefix("www.")
    if host == "x.com":
        host = "twitter.com"
    query = "&".join(item for item in (parts[3] or "").split("&") if not item.lower().startswith("utm_"))
    return host + parts[2].rstrip("/") + (f"?{query}" if query else "")


def is_evidence(document: str) -> bool:
    """False for a knowledge base's page; `document` is a `document_id`."""
    return _KNOWLEDGE_BASES.match(document) is None


def published(document: str) -> tuple[str | None, str | None]:
    """The day as `YYYY-MM-DD` and the month as `YYYY-MM`, as far as the address tells."""
    found = _tweeted(document) or _day(document)
    if found:
        return found.isoformat(), found.isoformat()[:7]
    month = _MONTH.search(document)
    return None, f"{month[1]}-{int(month[2]):02}" if month else None


def _unarchived(address: str) -> str:
    while archived := _ARCHIVED.match(address):
        address = _ARCHIVED_SCHEME.sub(r"\1://", archived[1], count=1)
        if "://" not in address:
            address = "http://" + address
    return address


def _tweeted(document: str) -> date | None:
    tweet = _TWEET.match(document)
    if tweet is None:
        return None
    milliseconds = (int(tweet[1]) >> 22) + _TWEET_EPOCH
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date()


def _day(document: str) -> date | None:
    for match in _DAY.finditer(document):
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
    return None
