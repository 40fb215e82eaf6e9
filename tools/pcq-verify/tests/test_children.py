"""Proofs of executions that a step began: what is said with them, without them, and of those that nobody asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from keyring import jcs, trust
from pcq_verify import verify
from pcq_verify.cli import main

VALID = Path(__file__).resolve().parents[3] / "spec" / "vectors" / "valid"


def proof(name: str) -> bytes:
    return (VALID / f"{name}.pcq").read_bytes()


def test_a_child_without_its_proof_is_a_note_and_no_failure() -> None:
    report = verify(proof("nested"), jcs(trust()))
    assert report.exit_code == 0
    [note] = report.notes
    assert "step call rests on execution exec-0002, of which no proof was given" in note
    assert report.to_json()["notes"] == [note]


def test_with_every_proof_there_is_nothing_to_note() -> None:
    assert verify(proof("nested"), jcs(trust()), proofs=[proof("nested-child")]).notes == ()
    both = [proof("nested-child"), proof("nested")]
    assert verify(proof("nested-twice"), jcs(trust()), proofs=both).notes == ()


def test_what_is_missing_further_down_is_noted_too() -> None:
    report = verify(proof("nested-twice"), jcs(trust()), proofs=[proof("nested")])
    assert (report.exit_code, len(report.notes)) == (0, 1)
    assert "exec-0002" in report.notes[0]


def test_of_many_children_that_are_missing_one_note_tells() -> None:
    [note] = verify(proof("nested-each"), jcs(trust())).notes
    assert "rests on 2 of 2 executions, exec-0002 first" in note


def test_a_child_is_judged_under_the_same_trust_file() -> None:
    strangers = {**trust(), "keys": trust()["keys"][:1]}
    report = verify(proof("nested"), jcs(strangers), proofs=[proof("nested-child")])
    assert report.exit_code == 3
    [refused] = [
        item.message for item in report.findings if "the proof of execution exec-0002 is refused" in item.message
    ]
    assert "is not in the trust file" in refused


def test_two_proofs_of_one_execution_are_one_too_many() -> None:
    again = verify(proof("nested"), jcs(trust()), proofs=[proof("nested-child")] * 2)
    assert (again.exit_code, "another one of execution exec-0002" in again.reason) == (6, True)


def test_the_command_line_tells_notes_and_takes_several_proofs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trust.json").write_bytes(jcs(trust()))
    keys = ("--trust", str(tmp_path / "trust.json"))
    assert main([str(VALID / "nested.pcq"), *keys]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("Note: step call rests on execution exec-0002")
    assert lines[-1] == "✅ Proofs verified"
    proofs = [part for name in ("nested", "nested-child") for part in ("--proof", str(VALID / f"{name}.pcq"))]
    assert main([str(VALID / "nested-twice.pcq"), *keys, *proofs, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_a_proof_that_cannot_be_read_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trust.json").write_bytes(jcs(trust()))
    code = main([str(VALID / "nested.pcq"), "--trust", str(tmp_path / "trust.json"), "--proof", "nowhere.pcq"])
    assert (code, "cannot read the proof nowhere.pcq" in capsys.readouterr().out) == (2, True)
