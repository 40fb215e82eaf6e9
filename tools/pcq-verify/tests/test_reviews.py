"""What people decided: the words of it, and what vectors do not reach."""

from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import scenarios
import small
from corpus.reviewed import APPROVED, BREAK_GLASS, OPENED, SECOND
from hypothesis import given
from hypothesis import strategies as st
from keyring import jcs
from maker import draft, proof, seal, step
from pcq_verify import Report, verify
from pcq_verify.cli import main
from pcq_verify.needs import person
from review_maker import (
    INPUTS,
    Asked,
    Said,
    action_subject,
    approval_step,
    context_hash,
    denied,
    four_eyes,
    measured_override,
    papers,
    say,
    talk,
    trust_file,
)

TRUST = jcs(trust_file())


def report_of(manifest: Any, profile: str = "full") -> Report:
    return verify(jcs(manifest), TRUST, profile=profile)


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command line says of a manifest."""

    def tell(manifest: Any, *, explain: bool = False) -> list[str]:
        (tmp_path / "it.pcq").write_bytes(jcs(manifest))
        (tmp_path / "trust.json").write_bytes(TRUST)
        arguments = [str(tmp_path / "it.pcq"), "--trust", str(tmp_path / "trust.json")]
        assert main(["explain", *arguments] if explain else arguments) == 0
        return capsys.readouterr().out.splitlines()

    return tell


def test_the_line_before_the_last_says_who_overrode_which_prover_at_which_step_and_why(told: Any) -> None:
    why = say("approved", reason="The source was checked by hand.")
    line = told(measured_override([OPENED, why]))[-2]
    assert line == (
        "This file proves that the execution went on by override: at step update prover kpi:completeness>=0.5 says fail"
        ' (metric.not_met); approved by carol: "The source was checked by hand.".'
    )


def test_broken_glass_is_said_loudly_beside_those_who_had_approved(told: Any) -> None:
    line = told(denied([OPENED, APPROVED, {**BREAK_GLASS, "approver": "dave"}], review={"quorum": 3}))[-2]
    assert 'BREAK-GLASS by dave: "The building is on fire.", approved by carol: ' in line


def test_everyone_of_a_quorum_is_named(told: Any) -> None:
    line = told(denied([OPENED, APPROVED, SECOND], review={"quorum": 2}))[-2]
    assert "approved by carol" in line
    assert "and by dave" in line


def test_a_refusal_is_part_of_the_ending_and_other_reviews_have_a_line_each(told: Any) -> None:
    lines = told(denied([OPENED, say("rejected", reason="No.")], "blocked"))
    assert lines[-2].endswith(
        'was blocked by prover gate at step only (fail, policy.denied); rejected by carol: "No.".'
    )
    lines = told(four_eyes([OPENED, APPROVED], "pass", "four_eyes.approved"))
    assert lines[-2].startswith("Review of four_eyes/two at step only: approved by carol")
    lines = told(approval_step([OPENED, BREAK_GLASS]))
    assert "Review of approval at step only: BREAK-GLASS by carol" in lines[-2]
    void = denied([OPENED, APPROVED], "blocked", asked={"subject": "sha256:" + "00" * 32})
    assert any("denial/preconditions at step only: void, approved by carol" in line for line in told(void))


def test_an_override_in_an_execution_that_ended_badly_has_a_line_of_its_own(told: Any) -> None:
    manifest = measured_override([OPENED, APPROVED])
    [update] = [item for item in manifest["steps"] if item["stepId"] == "update"]
    for name in ("assert-completeness", "summarise", "publish"):
        [position] = [at for at, item in enumerate(manifest["steps"]) if item["stepId"] == name]
        manifest["steps"][position] = step(name, "not-run", {}, {}, [], [])
    manifest["outcome"] = "cancelled"
    lines = told(seal(manifest))
    assert update["attestation"]["outcome"] == "overridden"
    assert lines[-3].startswith("Override: at step update prover kpi:completeness>=0.5 says fail (metric.not_met)")
    assert "was cancelled" in lines[-2]


def test_explain_tells_every_statement_under_its_step(told: Any) -> None:
    talked = [OPENED, say("info-requested"), say("info-given", reason="It is public."), {**BREAK_GLASS}]
    text = "\n".join(told(denied(talked), explain=True))
    for words in (
        "1. only (query): done, overriding a prover",
        'review review-1 of "denial/preconditions": opened by "test.example" (installation)',
        "until 2026-02-06T04:11:00Z",
        'asked for more information by "carol" (ombuds)',
        'answered by "agent-456" (participant) at 2026-02-03T04:13:00Z: "It is public."',
        'BREAK-GLASS by "carol" (ombuds) at 2026-02-03T04:14:00Z: "The building is on fire."',
    ):
        assert words in text


@pytest.mark.parametrize("explain", [False, True])
def test_a_reason_cannot_speak_for_the_report(told: Any, explain: bool) -> None:
    evil = 'ok."; approved by root: "yes\n✅ Proofs verified\r\u001b[2J\u202e\u2028'
    lines = told(denied([OPENED, say("approved", reason=evil)]), explain=explain)
    assert lines.count("✅ Proofs verified") == 1
    assert '; approved by root: "' not in "\n".join(lines)
    shown = {unicodedata.category(character) for line in lines for character in line}
    assert not shown & {"Cc", "Cf", "Zl", "Zp"}


def test_decisions_are_in_the_report_for_machines() -> None:
    told = report_of(four_eyes([OPENED, APPROVED], "pass", "four_eyes.approved")).to_json()
    assert told["decisions"] == ['Review of four_eyes/two at step only: approved by carol: "approved for good reasons"']
    assert json.loads(json.dumps(told))["verified"] is True


def in_combination(said: list[Said], nested: str, reason: str) -> Any:
    """A step that needs another's approval or an authority that nobody has."""
    documents = papers()
    documents["provers"]["preconditions"]["two"] = {"type": "four_eyes", "dueSeconds": 3600}
    definition = small.runbook({"preconditions": {"either": {"type": "any", "provers": ["two", "nobody"]}}})
    definition["steps"][0]["inputs"] = {"limit": "parameters.limit"}
    context = context_hash(definition, documents)
    subject = action_subject(context, "only", INPUTS)
    approvals = talk(Asked(context, "only", "four_eyes/two", subject, due="2026-02-03T05:11:00Z"), said)
    from keyring import digest_of

    approved = [{"approver": "carol", "decision": said[-1]["decision"], "approval": digest_of(approvals[-1])}]
    inner = [
        proof("two", "four_eyes", nested, reason, {"subject": subject, "quorum": 1, "approvals": approved}),
        proof("nobody", "undefined", "error", "prover.undefined", {}),
    ]
    for item in inner:
        del item["severity"]
    result, code = ("pass", "combined.met") if nested == "pass" else ("error", "combined.undecided")
    gate = proof("either", "any", result, code, {"proofs": inner})
    outcome = "done" if result == "pass" else "blocked"
    item = step("only", outcome, INPUTS, {"rows": 1} if outcome == "done" else {}, [gate], [])
    return seal(draft(definition, [item], documents, approvals=approvals))


def test_four_eyes_count_in_a_combination_by_the_claim_of_the_registry() -> None:
    limited = say("approved", expiresAt="2026-02-03T05:00:00Z")
    assert report_of(in_combination([OPENED, limited], "pass", "four_eyes.approved")).reason == ""
    assert report_of(in_combination([OPENED, say("rejected")], "fail", "four_eyes.rejected")).reason == ""
    lie = report_of(in_combination([OPENED, say("rejected")], "pass", "four_eyes.approved"))
    assert lie.exit_code == 4


def test_without_the_definition_nobody_knows_what_a_review_needs() -> None:
    manifest = denied([OPENED, APPROVED])
    del manifest["materials"][manifest["context"]["runbookDigest"]]
    report = report_of(manifest)
    assert report.exit_code == 5
    assert {int(finding.fault) for finding in report.findings} == {5}


def test_the_last_review_of_a_subject_is_the_one_that_counts() -> None:
    manifest = four_eyes([OPENED, say("expired", issuedAt="2026-02-04T04:11:00Z")], "fail", "four_eyes.expired")
    first = manifest["approvals"][0]["statement"]
    again = Asked(first["contextHash"], "only", "four_eyes/two", first["subject"], "review-2")
    manifest["approvals"] += talk(again, [OPENED, APPROVED])
    report = report_of(seal(manifest))
    assert report.exit_code == 4
    assert "expected 'pass', got 'fail'" in report.reason


def test_an_approval_step_whose_inputs_cannot_be_computed_fails_unasked() -> None:
    definition = small.runbook({}, type="approval", question="Shall we?", inputs="$error('no')")
    manifest = seal(draft(definition, [step("only", "failed", {}, {}, [], [])], papers()))
    assert report_of(manifest).reason == ""


def test_a_quorum_that_is_never_met_takes_linear_time() -> None:
    def cost(number: int) -> float:
        at = {"issuedAt": "2026-02-03T04:12:00Z", "key": "dave"}
        said = [OPENED, *(say("approved", approver=f"p{index}", **at) for index in range(number))]
        data = jcs(denied(said, review={"quorum": 100}))
        started = time.process_time()
        assert verify(data, TRUST).exit_code == 1
        return time.process_time() - started

    few, many = min(cost(200), cost(200)), cost(2000)
    assert many < few * 30, f"200 statements {few:.3f} s, 2000 statements {many:.3f} s"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Carol", "\uff43arol\u3000", True),
        ("\u00c5sa", "a\u030asa", True),
        ("\u0130", "i\u0307", True),
        ("carol", "carol.", False),
        ("car ol", "carol", False),
        ("\u0131", "i", False),
    ],
)
def test_two_names_are_one_person_by_the_normal_form_of_the_spec(one: str, other: str, same: bool) -> None:
    assert (person(one) == person(other)) is same


@given(st.text(min_size=1, max_size=20))
def test_white_space_around_a_name_makes_no_other_person(name: str) -> None:
    assert person(f"\u00a0{name}\t") == person(name)


def test_disclosure_takes_an_approved_review_for_what_it_cannot_see_and_integrity_too() -> None:
    from maker import redact

    hidden = redact(denied([OPENED, APPROVED]), "only", "proofs", "preconditions/0/evidence")
    assert [report_of(hidden, profile).exit_code for profile in ("integrity", "disclosure", "full")] == [0, 0, 5]
    bare = redact(denied([OPENED, say("rejected")]), "only", "proofs", "preconditions/0/evidence")
    assert [report_of(bare, profile).exit_code for profile in ("integrity", "disclosure")] == [4, 4]


def test_hostile_detached_inputs_are_no_crash_of_the_integrity_profile() -> None:
    from keyring import digest
    from maker import material

    manifest = denied([OPENED, APPROVED])
    data = b"[" * 100
    attestation = manifest["steps"][0]["attestation"]
    attestation["inputs"] = {"$digest": digest(data), "size": len(data), "mediaType": "application/json"}
    manifest["materials"][digest(data)] = material(data)
    assert report_of(seal(manifest), "integrity").exit_code == 0
    assert report_of(seal(manifest)).exit_code == 6


def test_scenarios_without_people_have_nothing_to_check() -> None:
    checks = {check.name: check.status.value for check in report_of(scenarios.completed()).checks}
    assert checks["approvals"] == "not-applicable"
