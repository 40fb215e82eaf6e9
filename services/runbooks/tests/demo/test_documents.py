"""What an address tells, and what it must not be taken to tell."""

from __future__ import annotations

import pytest
from runbooks.demo.documents import document_id, is_evidence, published


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.com/a/b",
        "http://example.com/a/b/",
        "https://EXAMPLE.com:443/a/b#part",
        "https://example.com/a/b?utm_source=x&UTM_medium=y",
        "example.com/a/b",
        " https://example.com/a/b ",
        "https://web.archive.org/web/20200101000000/http://www.example.com/a/b",
        "https://web.archive.org/web/2020/https:/example.com/a/b",
        "https://web.archive.org/web/2020/example.com/a/b",
        "https://web.archive.org/web/2021/https://web.archive.org/web/2020/https://example.com/a/b",
    ],
)
def test_spellings_of_one_address_are_one_document(address: str) -> None:
    assert document_id(address) == "example.com/a/b"


def test_what_leads_to_another_page_makes_another_document() -> None:
    addresses = [
        "https://example.com/A",
        "https://example.com/a",
        "https://example.com/a?id=1",
        "https://b.example.com/a",
    ]
    assert len({document_id(address) for address in addresses}) == 4


def test_a_tweet_is_one_document_under_both_names_of_its_service() -> None:
    assert document_id("https://x.com/a/status/1") == document_id("https://twitter.com/a/status/1")


@pytest.mark.parametrize("text", ["", "SHTODELATVAM.txt", "# published nov 30 2022", "ftp://example.com/a", "a b"])
def test_text_that_is_no_address_is_no_document(text: str) -> None:
    assert document_id(text) is None


@pytest.mark.parametrize(
    ("address", "evidence"),
    [
        ("https://attack.mitre.org/software/S0154", False),
        ("https://malpedia.caad.fkie.fraunhofer.de/details/win.x", False),
        ("https://en.wikipedia.org/wiki/Regin_(malware)", False),
        ("https://www.ransomlook.io/group/royal", False),
        ("https://www.secureworks.com/research/threat-profiles/bronze-union", False),
        ("https://www.secureworks.com/research/bronze-union", True),
        ("https://example.com/how-to-read/attack.mitre.org/", True),
        ("https://github.com/nccgroup/Royal_APT", True),
    ],
)
def test_a_knowledge_bases_page_is_no_evidence(address: str, evidence: bool) -> None:
    document = document_id(address)
    assert document is not None
    assert is_evidence(document) is evidence


@pytest.mark.parametrize(
    ("document", "when"),
    [
        ("example.com/2021/03/02/x", ("2021-03-02", "2021-03")),
        ("example.com/2019/3/13/x", ("2019-03-13", "2019-03")),
        ("example.com/news-2021-05-08", ("2021-05-08", "2021-05")),
        ("example.com/2021/03/x", (None, "2021-03")),
        ("example.com/2021/03/123456", (None, "2021-03")),
        ("example.com/2021/02/30/x", (None, "2021-02")),
        ("example.com/2021/13/x", (None, None)),
        ("example.com/12021/03/02", (None, None)),
        ("example.com/2017_03_01_archive.html", (None, None)),
        ("example.com/x", (None, None)),
        ("twitter.com/ESETresearch/status/1366862946488451088", ("2021-03-02", "2021-03")),
        ("twitter.com/a/status/12", (None, None)),
    ],
)
def test_a_date_is_read_from_the_address_as_far_as_it_tells(document: str, when: tuple[str | None, str | None]) -> None:
    assert published(document) == when
