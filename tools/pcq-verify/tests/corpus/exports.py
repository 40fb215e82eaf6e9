"""Exports: what must be written of given inputs, files held against it, and lies about both.

Every byte of a table is written out by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keyring import digest, jcs
from maker import draft, redact, seal, step
from scenarios import documents

from corpus.cases import Case, Json

_PDF = b"%PDF-1.7\nnot a real one\n"
_ROWS: Json = [
    {"name": "plain", "n": -1.5, "note": 'say "hi", twice'},
    {"name": "=1+1", "n": 0, "note": None, "b": True},
    {"name": "\uff1dSUM(A1)", "n": 1e-7, "note": "two\r\nlines"},
    {"name": "\t-x", "b": False, "\u00e9": "-"},
    {"name": " =1", "n": 9007199254740991, "note": ""},
]
_TABLE = (
    "b,n,name,note,\u00e9\r\n"
    ',-1.5,plain,"say ""hi"", twice",\r\n'
    "true,0,'=1+1,,\r\n"
    ',1e-7,\'\uff1dSUM(A1),"two\r\nlines",\r\n'
    "false,,'\t-x,,'-\r\n"
    ",9007199254740991, =1,,\r\n"
).encode()
_COLUMNS = ["name", "+none"]
_CHOSEN = b"name,'+none\r\nplain,\r\n'=1+1,\r\n'\xef\xbc\x9dSUM(A1),\r\n'\t-x,\r\n =1,\r\n"

FILES = {"table.csv": _TABLE, "report.pdf": _PDF, "other.pdf": _PDF + b" "}

_ARTIFACT: Json = {
    "file": "week.pdf",
    "mediaType": "application/pdf",
    "digest": digest(_PDF),
    "size": len(_PDF),
    "engine": "typst 0.15.2",
    "template": digest(b"#sys.inputs.data"),
}


def cases() -> Iterator[Case]:
    """All of them."""
    for name, inputs, data, members in (
        ("json", {"b": 1, "a": [2.0]}, b'{"a":[2],"b":1}', {"format": "json"}),
        ("csv", _ROWS, _TABLE, {"format": "csv"}),
        ("csv-columns", _ROWS, _CHOSEN, {"format": "csv", "columns": _COLUMNS}),
        ("csv-one-column", [{"a": None}, {"a": "x"}], b'a\r\n""\r\nx\r\n', {"format": "csv"}),
        ("csv-header-alone", [], b"a\r\n", {"format": "csv", "columns": ["a"]}),
        ("csv-nothing", [{}], b"", {"format": "csv"}),
    ):
        yield Case(f"export-{name}", 0, f"the bytes of {members}", _exporting(inputs, _told(data, members), members))
    artifact = {"format": "artifact"}
    yield Case("export-artifact", 0, "the artifact of a report", _exporting(_ARTIFACT, _of_artifact(), artifact))
    yield from _files()
    yield from _lies()


def _files() -> Iterator[Case]:
    both = seal(_exporting(_ARTIFACT, _of_artifact(), {"format": "artifact"}))
    asked = ("--artifact", "artifacts/report.pdf")
    other = ("--artifact", "artifacts/other.pdf")
    table = ("--artifact", "artifacts/table.csv")
    yield Case("artifact-named", 0, "a file that an export wrote", both, options=asked)
    yield Case("artifact-twice", 0, "the same file asked about twice", both, options=asked * 2)
    yield Case("artifact-other", 3, "a file of a byte more", both, options=other)
    yield Case(
        "artifact-one-of-two", 3, "one file that an export wrote and one that none did", both, options=asked + table
    )
    csv = _exporting(_ROWS, _told(_TABLE, {"format": "csv"}), {"format": "csv"})
    yield Case("artifact-csv", 0, "the table", csv, options=table)
    hidden = redact(seal(_exporting(_ARTIFACT, _of_artifact(), {"format": "artifact"})), "only", "outputs", "digest")
    yield Case("artifact-hidden", 3, "the digest that would name it is hidden", hidden, options=asked)
    query = seal(_exporting(_ARTIFACT, _of_artifact(), {}, kind="query"))
    yield Case("artifact-of-a-query", 3, "the outputs of a step that is no export", query, options=asked)


def _lies() -> Iterator[Case]:
    csv = {"format": "csv"}
    good = _told(_TABLE, csv)
    flat = _TABLE.replace(b"'=1", b"=1")
    for name, desc, told in (
        ("digest", "another digest than the inputs give", {**good, "digest": digest(b"")}),
        ("size", "another size", {**good, "size": len(_TABLE) - 1}),
        ("formula", "a table with a formula left alone", _told(flat, csv)),
        ("newlines", "a table with bare line feeds", _told(_TABLE.replace(b"\r\n", b"\n"), csv)),
        ("mark", "a table behind a byte order mark", _told(b"\xef\xbb\xbf" + _TABLE, csv)),
        ("name", "another name than the definition's", {**good, "file": "other"}),
        ("media-type", "another media type", {**good, "mediaType": "application/json"}),
        ("member", "a member more", {**good, "encoding": "utf-8"}),
    ):
        yield Case(f"export-{name}", 4, desc, _exporting(_ROWS, told, csv))
    artifact = {"format": "artifact"}
    for name, told in (
        ("digest", {"digest": digest(b"x")}),
        ("size", {"size": 1}),
        ("type", {"mediaType": "text/csv"}),
    ):
        lie = _exporting(_ARTIFACT, {**_of_artifact(), **told}, artifact)
        yield Case(f"export-artifact-{name}", 4, f"another {name} than its inputs'", lie)
    for name, inputs in (("no-rows", {"a": 1}), ("nested", [{"a": [1]}]), ("no-objects", [[1]])):
        yield Case(f"export-csv-{name}", 4, "done, though these inputs have no table", _exporting(inputs, good, csv))
    nothing = _exporting({"digest": "x", "size": 1, "mediaType": "a/b"}, _of_artifact(), artifact)
    yield Case("export-artifact-none", 4, "done, though its inputs are no artifact", nothing)
    yield Case("export-format-unknown", 6, "a format that is none", _exporting([], good, {"format": "xlsx"}))
    yield Case("export-columns-twice", 6, "a column twice", _exporting([], good, {**csv, "columns": ["a", "a"]}))
    for name, told in (("digest", {"digest": "md5:00"}), ("size", {"size": "1"}), ("file", {"file": "x.pdf"})):
        outputs = {**_ARTIFACT, **told}
        lie = _exporting({"claims": []}, outputs, {"template": "week", "file": "week.pdf"}, kind="report")
        yield Case(f"report-{name}", 4, f"a report whose {name} cannot be", lie)


def _told(data: bytes, members: Json) -> Json:
    media_type = "text/csv" if members["format"] == "csv" else "application/json"
    return {"file": "out.bin", "mediaType": media_type, "digest": digest(data), "size": len(data)}


def _of_artifact() -> Json:
    return {"file": "out.bin", **{name: _ARTIFACT[name] for name in ("mediaType", "digest", "size")}}


def _exporting(inputs: Any, outputs: Json, members: Json, *, kind: str = "export") -> Json:
    """A query whose outputs are exported as told."""
    definition = {
        "runbookId": "R9",
        "name": "An export",
        "version": "1.0",
        "purpose": "enrichment",
        "steps": [
            {"stepId": "source", "type": "query", "cypher": "MATCH (e) RETURN e"},
            {"stepId": "only", "type": kind, "file": "out.bin", **members},
        ],
        "provers": {},
    }
    assert jcs(inputs)
    items = [step("source", "done", {}, inputs, [], []), step("only", "done", inputs, outputs, [], [])]
    return seal(draft(definition, items, documents()))
