"""The checklist: order, profiles, precedence, and the checks that vectors cannot reach."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest
import scenarios
import small
from keyring import KEYS, jcs, trust
from maker import draft, seal, step
from pcq_verify import Expectations, Fault, Report, Status, verify
from pcq_verify.report import CHECKS, Check, Finding

TRUST = jcs(trust())


def statuses(report: Report) -> dict[str, str]:
    return {check.name: check.status.value for check in report.checks}


def test_every_check_is_reported_in_the_order_of_the_spec_whatever_comes() -> None:
    for data in (b"", b"{}", jcs(scenarios.completed()), jcs(scenarios.completed())[:-1]):
        for profile in ("integrity", "disclosure", "full"):
            report = verify(data, TRUST, profile=profile)
            assert tuple(check.name for check in report.checks) == CHECKS


def test_what_a_profile_does_not_ask_for_is_not_checked() -> None:
    data = jcs(scenarios.completed())
    unasked = {
        "integrity": ["payloads", "inputs", "outputs", "verdicts"],
        "disclosure": ["inputs", "outputs", "verdicts"],
    }
    for profile, names in unasked.items():
        found = statuses(verify(data, TRUST, profile=profile))
        for name in names:
            assert found[name] == ("not-applicable" if name == "payloads" else "not-checked")
    assert set(statuses(verify(data, TRUST)).values()) == {"pass", "not-applicable"}


def test_a_lie_about_a_verdict_is_seen_by_full_alone() -> None:
    data = jcs(small.gated("package test\nallow := false\n", "allow"))
    codes = [verify(data, TRUST, profile=profile).exit_code for profile in ("integrity", "disclosure", "full")]
    assert codes == [0, 0, 4]


def test_an_unknown_profile_is_the_caller_s_fault() -> None:
    with pytest.raises(ValueError, match="profile"):
        verify(b"", TRUST, profile="lax")


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ([], 0),
        ([5], 5),
        ([5, 4], 4),
        ([4, 3, 5], 3),
        ([3, 1], 1),
        ([1, 6, 5], 6),
        ([6, 2, 1], 2),
    ],
)
def test_the_exit_code_follows_the_precedence(faults: list[int], code: int) -> None:
    findings = tuple(Finding(Fault(fault), "somewhere", f"fault {fault}") for fault in faults)
    check = Check("schema", Status.FAIL if faults else Status.PASS, findings)
    report = Report("full", frozenset(CHECKS), (check,))
    assert report.exit_code == code
    assert (f"fault {code}" in report.reason) is bool(faults)


def test_not_checked_is_never_a_pass_where_it_is_required() -> None:
    check = Check("verdicts", Status.NOT_CHECKED)
    assert Report("full", frozenset(CHECKS), (check,)).exit_code == 5
    assert Report("integrity", frozenset(CHECKS) - {"verdicts"}, (check,)).exit_code == 0


def test_what_is_pinned_as_the_first_manifest_is() -> None:
    data = jcs(scenarios.completed())
    assert verify(data, TRUST, expectations=Expectations(previous="none")).exit_code == 0
    assert verify(data, TRUST, expectations=Expectations(previous="sha256:" + "00" * 32)).exit_code == 3


def test_a_chain_of_manifests_is_checked_by_the_manifest_hash() -> None:
    first = verify(jcs(scenarios.completed()), TRUST)
    named = first.facts["manifestHash"]
    second = jcs(scenarios.blocked(previousManifestHash=named, executionSeq=2))
    assert verify(second, TRUST, expectations=Expectations(previous=named)).exit_code == 0


def test_two_licences_with_equal_rights_are_told_apart_by_bytes() -> None:
    papers = scenarios.documents()
    papers["licences"]["licences"] = [
        {**papers["licences"]["licences"][0], "licenceId": name, "permit": permit, "prohibit": prohibit}
        for name, permit, prohibit in (("b", ["use"], []), ("a", ["use"], []), ("c", [], ["forbid"]), ("B", [], []))
    ]
    from keyring import digest_of

    for action, result, reason, named in (
        ("use", "pass", "licence.permitted", "a@2"),
        ("forbid", "fail", "licence.prohibited", "c@2"),
        ("other", "fail", "licence.not_permitted", "B@2"),
    ):
        gate = scenarios.licence("gate", action, result, reason)
        gate["evidence"].update(registry=digest_of(papers["licences"]), licence=named)
        claim = {"type": "license_registry", "check": f"enrich.example.com allows {action}"}
        item = step("only", "done" if result == "pass" else "blocked", {}, {}, [gate], [])
        manifest = seal(draft(small.runbook({"preconditions": {"gate": claim}}), [item], papers))
        assert verify(jcs(manifest), TRUST).reason == ""


@pytest.mark.parametrize(
    ("starts", "ends", "status", "active"),
    [
        ("2026-02-03T04:05:06.789012Z", None, "active", True),
        ("2026-02-03T04:05:06.789013Z", None, "active", False),
        ("2026-01-01T00:00:00Z", "2026-02-03T04:05:06.789012Z", "active", False),
        ("2026-01-01T00:00:00Z", "2026-02-03T04:05:06.789013Z", "active", True),
        ("2026-01-01T00:00:00Z", None, "suspended", False),
        ("2026-01-01T00:00:00Z", None, "revoked", False),
    ],
)
def test_a_licence_is_in_force_in_a_half_open_window(starts: str, ends: str | None, status: str, active: bool) -> None:
    from keyring import digest_of

    papers = scenarios.documents()
    [papers["licences"]["licences"][0].update(effectiveFrom=starts, effectiveTo=ends, status=status)]
    papers["licences"]["licences"].pop()
    verdict = ("pass", "licence.permitted") if active else ("fail", "licence.not_active")
    gate = scenarios.licence("gate", "enrichment", *verdict)
    gate["evidence"]["registry"] = digest_of(papers["licences"])
    claim = {"type": "license_registry", "check": "enrich.example.com allows enrichment"}
    item = step("only", "done" if active else "blocked", {}, {}, [gate], [])
    manifest = seal(draft(small.runbook({"preconditions": {"gate": claim}}), [item], papers))
    assert verify(jcs(manifest), TRUST).reason == ""


def large_manifest(steps: int) -> bytes:
    claim = {"type": "license_registry", "check": "enrich.example.com allows enrichment"}
    definition: Any = {**small.runbook({"preconditions": {"gate": claim}}), "steps": []}
    made, previous = [], {}
    for number in range(steps):
        name = f"s{number:05d}"
        definition["steps"].append({"stepId": name, "type": "query", "preconditions": ["gate"]})
        outputs = {"number": number, "text": "x" * 50, "list": [1, 2.5, None], "object": {"key": "é"}}
        gate = scenarios.licence("gate", "enrichment", "pass", "licence.permitted")
        made.append(step(name, "done", previous, outputs, [gate], []))
        previous = outputs
    return jcs(seal(draft(definition, made, scenarios.documents())))


def test_time_grows_with_the_number_of_steps_and_no_faster() -> None:
    def cost(data: bytes) -> float:
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            assert verify(data, TRUST).exit_code == 0
            best = min(best, time.process_time() - started)
        return best

    few, many = cost(large_manifest(50)), cost(large_manifest(500))
    assert many < few * 30, f"50 steps {few:.3f} s, 500 steps {many:.3f} s"


def test_a_refusal_does_not_start_an_evaluator() -> None:
    data = bytearray(jcs(scenarios.completed()))
    data[len(data) // 2] ^= 1
    loaded = {name for name in sys.modules if name.startswith(("regopy", "jsonatapy"))}
    report = verify(bytes(data), TRUST)
    assert report.exit_code in (1, 6)
    assert {name for name in sys.modules if name.startswith(("regopy", "jsonatapy"))} == loaded


def test_a_strange_key_in_two_roles_is_named_for_every_step() -> None:
    manifest = small.draft_single({}, keyid=KEYS["stranger"].keyid)
    manifest["steps"][0]["attestation"]["keyid"] = KEYS["stranger"].keyid
    report = verify(jcs(seal(manifest)), TRUST)
    assert report.exit_code == 3
    places = {finding.where for finding in report.findings if finding.fault is Fault.UNTRUSTED}
    assert places == {"keyid", "step only, keyid"}
