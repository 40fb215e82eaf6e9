"""R3 through the command line, on real parts: the demo week, an empty week, a month, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from services.runbooks.tests.endtoend.conftest import Proof, export, pcq_verify, runbooks
from services.runbooks.tests.reports.setting import letters_of, links_of

pytestmark = pytest.mark.real


def run(home: Path, *arguments: str) -> Proof:
    ended = runbooks(home, "run", "R3", *arguments)
    assert ended.code == 0, ended.out + ended.err
    execution_id = runbooks(home, "status").out.splitlines()[-1].split()[0]
    path = home / f"{execution_id}.pcq"
    assert runbooks(home, "manifest", execution_id, "--output", str(path)).code == 0
    return Proof(execution_id, path, export(home).trust, home)


def files(proof: Proof) -> Path:
    return proof.home / "exports" / proof.execution_id


@pytest.fixture(scope="module")
def week(demo_home: Path) -> Proof:
    return run(demo_home)


def test_the_demo_week_has_the_figures_of_the_data(week: Proof) -> None:
    figures = week.step("figures")["attestation"]["outputs"]
    expected = {"documents": 9, "actors": 1, "software": 5, "relations": 4, "listed": 4, "alsoUndated": 4}
    assert {name: figures[name] for name in expected} == expected
    assert {figures["previous"][name] for name in ("documents", "actors", "software", "relations")} == {0}
    [proof] = week.step("summarise")["proofs"]["postconditions"]
    assert (proof["result"], proof["reason"]) == ("pass", "citations.met")
    claims = proof["evidence"]["claims"]
    assert len(claims) == 5 + 6 + 4 + 1
    assert all(claim["sources"] and claim["fault"] is None for claim in claims)


def test_the_report_says_it_with_sources_by_digest_and_links(week: Proof) -> None:
    data = (files(week) / "weekly-report.pdf").read_bytes()
    text = letters_of(data)
    for name in ("HAFNIUM", "Covenant", "GoldFinder", "GoldMax", "Gootloader", "Sibot", "APT29"):
        assert name in text
    assert "Week9of2021(1to7March2021)" in text
    assert "pcq-verifyweekly-report.pcq--trusttrust.json--artifactweekly-report.pdf" in text
    assert week.manifest["contextHash"] in text
    assert "ThisworkisreproducedanddistributedwiththepermissionofTheMITRECorporation." in text
    evidence = week.step("summarise")["proofs"]["postconditions"][0]["evidence"]["claims"]
    digests = sorted({source for claim in evidence for source in claim["sources"]})
    places = [text.index(digest.replace("sha256:", "")) for digest in digests]
    assert places == sorted(places), "sources stand in the order of their digests"
    assert "https://www.microsoft.com/security/blog/2021/03/02/hafnium-targeting-exchange-servers/" in links_of(data)


def test_the_proof_verifies_and_names_both_files(week: Proof) -> None:
    asked = [part for path in sorted(files(week).iterdir()) for part in ("--artifact", str(path))]
    ended = pcq_verify(week, *asked)
    assert ended.code == 0, ended.out
    assert "is the file new-entities.csv that the step export-entities exported" in ended.out
    assert "is the file weekly-report.pdf that the step export-report exported" in ended.out
    other = files(week) / "other"
    other.write_bytes((files(week) / "weekly-report.pdf").read_bytes() + b"\n")
    ended = pcq_verify(week, "--artifact", str(other))
    other.unlink()
    assert (ended.code, "expectations" in ended.out) == (3, True)
    assert pcq_verify(week, "--artifact", str(other)).code == 2, "a file that is not there"


@pytest.mark.parametrize(("zone", "language"), [("Asia/Kathmandu", "C"), ("America/St_Johns", "tr_TR.UTF-8")])
def test_a_replay_sets_the_same_report_in_any_environment(week: Proof, zone: str, language: str) -> None:
    environment = {"TZ": zone, "LC_ALL": language, "HOME": str(week.home)}
    ended = runbooks(week.home, "replay", week.execution_id, environment=environment)
    assert ended.code == 0, ended.out + ended.err
    assert "= report                 recomputed" in ended.out
    assert ended.out.splitlines()[-1] == f"identical {week.manifest['merkleRoot']}"


def test_an_empty_week_has_a_report_that_says_so(demo_home: Path) -> None:
    proof = run(demo_home, "--period", "2021-W08")
    text = letters_of((files(proof) / "weekly-report.pdf").read_bytes())
    assert "Nothingisdatedinthisperiod." in text
    assert "Nodocumentisdatedinweek8of2021(22to28February2021)." in text
    assert (files(proof) / "new-entities.csv").read_bytes() == b"kind,name,first,undated,id\r\n"
    assert pcq_verify(proof).code == 0


def test_a_month_looks_at_documents_dated_to_the_month_too(demo_home: Path) -> None:
    proof = run(demo_home, "--period", "2021-03")
    figures = proof.step("figures")["attestation"]["outputs"]
    assert (figures["documents"], figures["evidence"] - figures["undated"]) == (23, figures["dated"])
    assert figures["dated"] > 2_000
    text = letters_of((files(proof) / "weekly-report.pdf").read_bytes())
    assert "MonthlyreportMarch2021" in text
    data = (files(proof) / "weekly-report.pdf").read_bytes()
    assert proof.step("report")["attestation"]["outputs"]["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()


def test_a_period_that_is_none_is_refused_or_fails_with_what_to_do(demo_home: Path) -> None:
    before = runbooks(demo_home, "status").out
    refused = runbooks(demo_home, "run", "R3", "--period", "2021-W99")
    assert refused.code == 1
    assert "expected an ISO week (2021-W09)" in refused.err
    refused = runbooks(demo_home, "run", "R1", "--period", "2021-W09")
    assert (refused.code, "has no parameter period" in refused.err) == (1, True)
    assert runbooks(demo_home, "status").out == before, "nothing was recorded"
    failed = runbooks(demo_home, "run", "R3", "--period", "2021-W53")
    assert failed.code == 4
    assert "that year has no such week; give a week as 2021-W09" in " ".join(failed.out.split())
