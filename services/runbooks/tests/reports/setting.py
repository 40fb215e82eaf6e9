"""What the tests of reports have in common: data of a report, the PDF that comes of them, and what is in it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdf
from runbooks.adapters.reports import TypstReports

REPORTS = Path(__file__).parents[2] / "reports"
AT = "2026-03-01T12:00:00.123456Z"
DIGEST = "sha256:" + "ab" * 32


def renderer(**options: Any) -> TypstReports:
    return TypstReports(REPORTS, **options)


def report_data(
    names: Sequence[str] = ("HAFNIUM",), urls: Sequence[str] = ("https://example.com/a",)
) -> dict[str, Any]:
    """Data as the step hands them to the template: an entity, a pair and a claim a name, a document an address."""
    ids = [f"e{number}" for number in range(len(names))]
    claims = [
        {"claimId": f"entity-{key}", "section": "entities", "text": f"{name} is new.", "numbers": [1]}
        for key, name in zip(ids, names, strict=True)
    ]
    claims += [{**claim, "claimId": claim["claimId"].replace("entity", "pair")} for claim in claims]
    first = {"claimId": "first", "section": "summary", "text": f"One of them is {(*names, '')[0]}.", "numbers": [1, 2]}
    bins = [
        {"label": f"2021-W{n:02}", "documents": n, "actors": 0, "software": n, "relations": 0} for n in range(1, 13)
    ]
    known = {"dated": "2021-03-01", "url": (*urls, "none")[0]}
    place = {"stepId": "documents", "digest": DIGEST}
    return {
        "title": "Weekly report",
        "period": {"period": "2021-W09", "label": "week 9 of 2021"},
        "figures": {
            "documents": len(urls),
            "actors": 0,
            "software": len(names),
            "relations": len(names),
            "previous": {"documents": 0, "actors": 0, "software": 0, "relations": 0},
            "bins": bins,
            "days": [{"label": f"2021-03-0{n}", "documents": n % 2} for n in range(1, 8)],
            "hosts": [{"key": name, "documents": 1} for name in names[:10]],
        },
        "claims": [first, *claims, {**first, "claimId": "method", "section": "method"}],
        "entities": [
            {"claimId": f"entity-{key}", "name": name, "kind": "software", "first": "2021-03-01", "undated": 1}
            for key, name in zip(ids, names, strict=True)
        ],
        "relations": [
            {"claimId": f"pair-{key}", "actor": name, "software": name, "first": "2021-03-01", "listed": True}
            for key, name in zip(ids, names, strict=True)
        ],
        "documents": [{"dated": "2021-03-01", "url": url, "names": list(names[:3])} for url in urls],
        "sources": [
            {"number": 1, "pointer": "/0", "value": known, **place},
            {"number": 2, "pointer": "", "value": [known], **place},
        ],
        "attribution": ["Somebody."],
        "execution": {
            "contextHash": "sha256:" + "ab" * 32,
            "executedBy": "analyst",
            "runbookId": "R3",
            "version": "1.0",
            "runbookDigest": DIGEST,
            "logicalTime": AT,
        },
    }


async def set_report(data: Mapping[str, Any], **options: Any) -> bytes:
    """The PDF of the shipped template."""
    reports = renderer(**options)
    return await reports.render(reports.template("weekly-report"), data, AT)


def read_pdf(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def letters_of(data: bytes) -> str:
    """All text of a PDF without blanks, and without what may break a line unseen."""
    return letters("".join(page.extract_text() for page in read_pdf(data).pages))


def letters(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def links_of(data: bytes) -> set[str]:
    """The addresses that links lead to."""
    found = set()
    for page in read_pdf(data).pages:
        for annotation in page.get("/Annots", ()):
            action = annotation.get_object().get("/A", {})
            if "/URI" in action:
                found.add(str(action["/URI"]))
    return found


def tagged(data: bytes, kind: str) -> Iterator[Mapping[str, Any]]:
    """The elements of the structure tree of one kind, as `/Figure`."""
    waiting = [read_pdf(data).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if node.get("/S") == kind:
                yield node
            if "/K" in node:
                waiting.append(node["/K"])
