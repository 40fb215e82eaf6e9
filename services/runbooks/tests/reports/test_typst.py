"""Reports by typst: the same bytes everywhere, plain text whatever it says, limits, and what PDF/A and UA ask for."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runbooks.adapters.reports.shown import shown
from runbooks.canonical import digest
from runbooks.errors import PermanentPortError

from services.runbooks.tests.reports.setting import (
    AT,
    REPORTS,
    letters,
    letters_of,
    links_of,
    read_pdf,
    renderer,
    report_data,
    set_report,
    tagged,
)

HOSTILE = {
    "markup": "$x^2$ #panic() @source *bold* _it_ `raw` <label> [b] = no heading // no comment /* */ \\ ~ -- \"q\" 'q'",
    "code": '#import "/etc/passwd": * #read("/etc/passwd") #sys.inputs #{ while true {} } ${7*7} {{7*7}} {% x %}',
    "right to left": "\u202egpj.exe\u202c \u200fabc\u200e \u2066x\u2069 عربي שלום",
    "emoji": "😀 👩‍👩‍👧 🇨🇭 ⚠\ufe0f",
    "nothing to see": "a\u200bb\u200cc\u200dd\ufeffe\u00adf\u2060g\U000e0041",
    "control": "a\x00b\x01c\x1bd\x7fe\x9bf\ufffeg\uffffh",
    "lines": "a\nb\r\nc\td\u2028e\u2029f\x0bg",
    "private": "\ue000\U000f0000\U0010ffff\u0378",
    "other scripts": "漢字 かな 한글 नमस्ते ไทย Ελληνικά Кириллица Việt",
    "marks": "e\u0301\u0301\u0301 \u0301x \u1dc4 Z\u0351\u036b\u0343 " + "o" + "\u0336" * 60,
    "long": "x" * 10_000,
    "long and strange": "$#\\" * 3_000,
    "braces": "{first} {} {name",
    "empty": "",
    "blank": "   ",
    "a number": "0123",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_name_is_plain_text_and_breaks_nothing(name: str) -> None:
    pdf = await set_report(report_data([name, "other"]))
    text, expected = letters_of(pdf), letters(shown(name))
    if len(name) > 1_000:  # goes over many pages, with their feet in between
        assert text.count(name[:3]) > 4.5 * len(name) / 3
    elif name.isascii():
        assert text.count(expected) >= (5 if expected else 0)
        assert expected == letters(name) or "⟨U+" in expected
    assert "other" in text
    assert len(read_pdf(pdf).pages) < 60


def test_what_nobody_sees_and_what_no_font_has_is_shown_by_its_number() -> None:
    assert shown("a\u202eb") == "a⟨U+202E⟩b"
    assert shown("\u200b\ufeff😀漢\x00\ue000") == "⟨U+200B⟩⟨U+FEFF⟩⟨U+1F600⟩⟨U+6F22⟩⟨U+0000⟩⟨U+E000⟩"
    assert shown("a\tb\nc") == "a b c"
    assert shown("Zürich, Ελλάδα, Москва, עברית, €") == "Zürich, Ελλάδα, Москва, עברית, €"
    assert shown("e\u0301\u0301 \u0301x") == "é⟨U+0301⟩ ⟨U+0301⟩x"
    assert shown({"a\u202e": ["\x00", 1, None, True]}) == {"a\u202e": ["⟨U+0000⟩", 1, None, True]}


async def test_every_character_that_is_shown_can_be_set_in_every_face() -> None:
    points = map(chr, itertools.chain(range(0x20, 0xD800), range(0xE000, 0x20000)))
    seen = [point for point in points if shown(point) == point]
    assert not [point for point in seen if unicodedata.category(point)[0] in "CM"]
    assert 4_000 < len(seen) < 5_000
    faces = ("text(t)", "strong(t)", "emph(t)", 'text(font: "DejaVu Sans Mono", t)')
    lines = "\n".join(f"#for t in data {{ {face}; [ ] }}\n" for face in faces)
    source = f'#let data = json(bytes(sys.inputs.data))\n#set document(title: "t")\n#set text(lang: "en")\n{lines}'
    assert (await renderer().render(source.encode(), seen, AT)).startswith(b"%PDF-1.7")


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(max_size=300), min_size=1, max_size=40))
def test_no_text_keeps_a_report_from_being_set(names: list[str]) -> None:
    assert asyncio.run(set_report(report_data(names, names))).startswith(b"%PDF-1.7")


async def test_only_addresses_of_http_become_links() -> None:
    good = ["https://example.com/a?b=c&d=e#f", "http://example.com/" + "x" * 500]
    bad = ["javascript:alert(1)", "file:///etc/passwd", "https://exämple.com/", "https://e.com/\u202ea", "ftp://a.b/c"]
    assert links_of(await set_report(report_data(["a"], [*good, *bad]))) == set(good)


async def test_a_thousand_rows_go_on_from_page_to_page_under_their_heads() -> None:
    names = [f"entity number {number:04}" for number in range(1_000)]
    pdf = await set_report(report_data(names, [f"https://example.com/{name[-4:]}" for name in names]))
    pages = [page.extract_text() for page in read_pdf(pdf).pages]
    text = letters("".join(pages))
    assert all(text.count(letters(name)) >= 3 for name in names)
    assert 60 < len(pages) < 200
    assert sum("First dated" in page for page in pages) > 30
    assert f"page 1 of {len(pages)}" in pages[0]


async def test_every_chart_has_a_text_for_those_who_do_not_see_it() -> None:
    pdf = await set_report(report_data())
    figures = list(tagged(pdf, "/Figure"))
    told = [str(figure.get("/Alt", "")) for figure in figures]
    assert len(told) == 3
    assert all(text.startswith("Bar chart of ") and "; " in text for text in told)
    assert "2021-W12: 12" in told[1] or "2021-W12: 12" in told[0] or "2021-W12: 12" in told[2]
    root = read_pdf(pdf).trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]


async def test_the_document_bears_the_time_of_the_execution_and_says_what_it_is() -> None:
    pdf = await set_report(report_data())
    information = read_pdf(pdf).metadata
    assert information is not None
    assert (information.title, str(information.get("/CreationDate"))) == (
        "Weekly report: week 9 of 2021",
        "D:20260301120000Z",
    )
    for mark in (b"<pdfaid:part>2</pdfaid:part>", b"<pdfaid:conformance>A</pdfaid:conformance>", b"<pdfuaid:part>1<"):
        assert mark in pdf


_SCRIPT = """
import asyncio, json, sys
from services.runbooks.tests.reports.setting import report_data, set_report
from runbooks.canonical import digest
print(digest(asyncio.run(set_report(report_data(["Zürich", "😀"])))))
"""


async def test_the_bytes_are_the_same_in_any_environment(tmp_path: Path) -> None:
    expected = digest(await set_report(report_data(["Zürich", "😀"])))
    root = str(Path(__file__).parents[4])
    for zone, language, seed in (
        ("Asia/Kathmandu", "C", "1"),
        ("Pacific/Kiritimati", "tr_TR.UTF-8", "7"),
        ("America/St_Johns", "POSIX", "random"),
    ):
        home = tmp_path / seed
        home.mkdir()
        environment = {
            "TZ": zone,
            "LC_ALL": language,
            "LANG": language,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home),
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": root,
            "SOURCE_DATE_EPOCH": "1",
            "TYPST_FONT_PATHS": "/",
            "RAYON_NUM_THREADS": "1",
            "PATH": os.environ["PATH"],
        }
        ended = subprocess.run(  # noqa: ASYNC221 (nothing else waits)
            [sys.executable, "-c", _SCRIPT], cwd=home, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.stdout.strip() == expected, ended.stderr


def test_not_even_the_process_that_sets_them_depends_on_its_environment() -> None:
    question = {"source": renderer().template("weekly-report").decode(), "data": report_data(), "at": AT, "seconds": 60}
    seen = set()
    for environment in (
        {},
        {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "RAYON_NUM_THREADS": "4", "SOURCE_DATE_EPOCH": "1"},
        {"TZ": "Pacific/Kiritimati", "RAYON_NUM_THREADS": "1", "TYPST_FONT_PATHS": "/usr/share/fonts", "HOME": "/"},
    ):
        ended = subprocess.run(
            [sys.executable, "-I", "-m", "runbooks.adapters.reports.typst_child"],
            input=json.dumps(question).encode(),
            env=environment,
            capture_output=True,
            check=True,
        )
        assert ended.stdout.startswith(b"\1%PDF-1.7")
        seen.add(digest(ended.stdout))
    assert len(seen) == 1


async def test_another_time_gives_another_document() -> None:
    source = renderer().template("weekly-report")
    times = (AT, "2026-03-01T12:00:00.999Z", "2026-03-01T12:00:01Z")
    first, same, other = [digest(await renderer().render(source, report_data(), at)) for at in times]
    assert first == same, "a document knows seconds"
    assert first != other


CLOSED = {
    "an absolute path": '#read("/etc/passwd")',
    "a path upwards": '#read("../../../../etc/passwd")',
    "a path of the checkout": f'#read("{REPORTS}/weekly-report.typ")',
    "an image": '#image("/usr/share/pixmaps/debian-logo.png", alt: "x")',
    "another template": '#include "weekly-report.typ"',
}


@pytest.mark.parametrize("line", CLOSED.values(), ids=CLOSED)
async def test_a_template_sees_no_file(line: str) -> None:
    with pytest.raises(PermanentPortError) as caught:
        await renderer().render(f'#set document(title: "t")\n{line}\n'.encode(), {}, AT)
    assert caught.value.code == "report.render"


async def test_a_template_that_is_not_there_or_imports_a_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "packaged.typ").write_text('#import "@preview/cetz:0.4.0"\n')
    (tmp_path / "bytes.typ").write_bytes(b"\xff\xfe")
    for name, words in (("none", "known: bytes, packaged"), ("packaged", "stands alone"), ("bytes", "cannot read")):
        with pytest.raises(PermanentPortError, match=words) as caught:
            type(renderer())(tmp_path).template(name)
        assert caught.value.code == "report.template"


ENDLESS = "#for a in range(1000000) { for b in range(1000000) { } }\n"
HUGE = "#let a = range(40000000).map(n => str(n) * 40)\n#a.len()\n"


@pytest.mark.parametrize("source", [ENDLESS, HUGE], ids=["time", "memory"])
async def test_what_takes_too_much_ends_and_the_loop_lives_on(source: str) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    with pytest.raises(PermanentPortError) as caught:
        await renderer(seconds=2).render(source.encode(), {}, AT)
    ticking.cancel()
    assert caught.value.code == "report.limit"
    assert ticks > 10


async def test_a_report_that_is_given_up_leaves_no_process() -> None:
    task = asyncio.create_task(renderer().render(ENDLESS.encode(), {}, AT))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == []


def children() -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if _is_ours(path)]


def _is_ours(path: Path) -> bool:
    try:
        is_child = b"typst_child" in path.read_bytes()
        return is_child and f"PPid:\t{os.getpid()}\n" in path.with_name("status").read_text()
    except OSError:
        return False


async def test_a_fault_of_the_template_says_what_is_wrong() -> None:
    with pytest.raises(PermanentPortError, match="unknown variable: nobody"):
        await renderer().render(b"#nobody", {}, AT)
    missing: Any = {**report_data(), "figures": {}}
    with pytest.raises(PermanentPortError, match="documents"):
        await set_report(json.loads(json.dumps(missing)))
