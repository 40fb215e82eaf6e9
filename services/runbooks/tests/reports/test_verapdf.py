"""The shipped report under veraPDF: PDF/A-2a and PDF/UA-1, plain, empty, hostile and long."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runbooks.tests.real import require, verapdf
from services.runbooks.tests.reports.setting import report_data, set_report
from services.runbooks.tests.reports.test_typst import HOSTILE

pytestmark = pytest.mark.real

REPORTS = {
    "plain": (["HAFNIUM"], ["https://example.com/a"]),
    "empty": ([], []),
    "hostile": (list(HOSTILE.values()), ["https://example.com/a", "javascript:alert(1)"]),
    "long": ([f"name {number}" for number in range(200)], [f"https://e.com/{number}" for number in range(200)]),
}


@pytest.mark.parametrize(("names", "urls"), REPORTS.values(), ids=REPORTS)
async def test_the_report_is_what_it_says_it_is(names: list[str], urls: list[str], tmp_path: Path) -> None:
    require("veraPDF", verapdf.fetch())
    path = tmp_path / "report.pdf"
    path.write_bytes(await set_report(report_data(names, urls)))
    for flavour in ("2a", "ua1"):
        assert verapdf.verdicts(path, flavour).startswith("PASS "), flavour


async def test_the_validator_notices_a_file_that_is_not(tmp_path: Path) -> None:
    require("veraPDF", verapdf.fetch())
    path = tmp_path / "report.pdf"
    pdf = await set_report(report_data())
    path.write_bytes(pdf.replace(b"/Alt", b"/Xlt").replace(b"<pdfaid:part>2<", b"<pdfaid:part>9<"))
    assert verapdf.verdicts(path, "2a").startswith("FAIL ")
