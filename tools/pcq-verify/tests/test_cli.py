"""The command line: exit codes, last lines, and a sentence instead of a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import scenarios
import small
from keyring import digest_of, jcs, trust
from maker import draft, redact, seal, step, swap_material
from pcq_verify import __version__, verify
from pcq_verify.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "trust.json").write_bytes(jcs(trust()))
    for name, manifest in (("completed", scenarios.completed()), ("blocked", scenarios.blocked())):
        (tmp_path / f"{name}.pcq").write_bytes(jcs(manifest))
    return tmp_path


class Ended:
    """How a run of the command line ended."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main([str(folder / item) if (folder / item).exists() else item for item in arguments])
        self.out = capsys.readouterr().out
        self.lines = self.out.splitlines()


def test_a_good_manifest_has_a_line_for_every_check_and_ends_with_0(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = Ended(folder, capsys, "completed.pcq", "--trust", "trust.json")
    assert ended.code == 0
    assert len(ended.lines) == 20
    assert all(line[0] in "✔–" for line in ended.lines[:-1])
    assert ended.lines[-1] == "✅ Proofs verified"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (scenarios.blocked, ("blocked", "kpi:completeness>=0.5", "step update", "metric.not_met")),
        (scenarios.failed, ("failed", "step fetch", "port.permanent", "status 404")),
        (scenarios.cancelled, ("cancelled",)),
    ],
)
def test_the_line_before_the_last_says_what_the_file_proves(
    folder: Path, capsys: pytest.CaptureFixture[str], make: Any, words: tuple[str, ...]
) -> None:
    (folder / "ended.pcq").write_bytes(jcs(make()))
    ended = Ended(folder, capsys, "ended.pcq", "--trust", "trust.json")
    assert ended.code == 0
    assert ended.lines[-1] == "✅ Proofs verified"
    assert all(word in ended.lines[-2] for word in words)


def test_other_profiles_say_what_they_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for profile in ("integrity", "disclosure"):
        ended = Ended(folder, capsys, "completed.pcq", "--trust", "trust.json", "--profile", profile)
        assert ended.code == 0
        assert "verdicts were not derived again" in ended.lines[-2]


def test_a_failure_says_where_what_was_expected_and_what_came(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lie = scenarios.completed()
    lie["steps"][3]["proofs"]["postconditions"][0]["evidence"]["value"] = 0.9
    (folder / "lie.pcq").write_bytes(jcs(seal(lie)))
    ended = Ended(folder, capsys, "lie.pcq", "--trust", "trust.json")
    assert ended.code == 4
    assert any(line.startswith("✘ verdicts") for line in ended.lines)
    for word in ("step update", "kpi:completeness>=0.5", "evidence.value", "expected 0.666", "got 0.9"):
        assert word in ended.lines[-1]


def test_without_a_trust_file_it_says_how_to_get_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("completed.pcq",), ("completed.pcq", "--trust", "nowhere.json")):
        ended = Ended(folder, capsys, *arguments)
        assert ended.code == 2
        assert ended.lines[-1].startswith("❌ Verification failed: ")
        assert "runbooks keys --trust" in ended.lines[-1]


def test_a_missing_file_or_folder_ends_with_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ("nowhere.pcq", "--trust", "trust.json"),
        (".", "--trust", "trust.json"),
        ("completed.pcq", "--trust", "trust.json", "--payloads", "nowhere"),
    ):
        ended = Ended(folder, capsys, *arguments)
        assert ended.code == 2
        assert ended.lines[-1].startswith("❌ Verification failed: ")


def test_an_unknown_option_ends_with_2(folder: Path) -> None:
    for arguments in (["--frobnicate"], [], [str(folder / "completed.pcq"), "--profile", "lax"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pcq-verify {__version__}\n"


def test_json_is_one_object_with_every_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = Ended(folder, capsys, "blocked.pcq", "--trust", "trust.json", "--json")
    report = json.loads(ended.out)
    assert (ended.code, report["exit"], report["verified"]) == (0, 0, True)
    assert len(report["checks"]) == 19
    assert "kpi:completeness" in report["ending"]
    assert report["manifest"]["manifestHash"].startswith("sha256:")
    ended = Ended(folder, capsys, "blocked.pcq", "--trust", "trust.json", "--json", "--expect-outcome", "completed")
    report = json.loads(ended.out)
    assert (ended.code, report["exit"], report["verified"]) == (3, 3, False)
    [finding] = [item for check in report["checks"] for item in check["findings"]]
    assert (finding["exit"], finding["where"]) == (3, "outcome")
    ended = Ended(folder, capsys, "nowhere.pcq", "--trust", "trust.json", "--json")
    assert json.loads(ended.out)["exit"] == ended.code == 2


def test_several_faults_are_all_reported_and_the_worst_decides(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = scenarios.completed()
    manifest["merkleRoot"] = "sha256:" + "00" * 32
    (folder / "bad.pcq").write_bytes(jcs(manifest))
    arguments = ("bad.pcq", "--trust", "trust.json", "--json", "--expect-executor", "nobody")
    report = json.loads(Ended(folder, capsys, *arguments).out)
    failed = [check["check"] for check in report["checks"] if check["status"] == "fail"]
    assert failed == ["header", "root", "expectations"]
    assert report["exit"] == 1
    skipped = [check["check"] for check in report["checks"] if check["status"] == "not-checked"]
    assert skipped == ["inputs", "outputs", "verdicts"], "a file that is not intact is not evaluated"


def test_explain_tells_who_what_when_by_which_rules_and_what_is_hidden(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = redact(scenarios.completed(), "assert-completeness", "outputs", "completeness")
    (folder / "hidden.pcq").write_bytes(jcs(hidden))
    arguments = ("explain", "hidden.pcq", "--trust", "trust.json", "--profile", "disclosure")
    ended = Ended(folder, capsys, *arguments)
    assert ended.code == 0
    assert ended.lines[-1] == "✅ Proofs verified"
    for words in (
        "runbook R9, version 1.0",
        "agent-456",
        "2026-02-03T04:05:06.789012Z",
        "enrichment",
        "1. query-entities (query): done",
        "Find the entities",
        "the policy allows it",
        "measured 0.666",
        "a warning only",
        "test.rego",
        "enrich@2: Enrichment data (For enrichment only.)",
        "step assert-completeness, outputs.completeness is redacted",
        "nobody asks them again",
    ):
        assert words in ended.out, words


def test_explain_survives_evidence_and_materials_of_any_shape(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for odd in ([], 0, "x", None, {"input": []}, [{"licences": 1}], {"modules": [], "licences": [1], "steps": {}}):
        manifest = scenarios.completed()
        for item in manifest["steps"]:
            for proofs in item["proofs"].values():
                for proof in proofs:
                    proof["evidence"] = dict.fromkeys(proof["evidence"], odd)
        for member in ("runbookDigest", "policies", "licences", "provers"):
            swap_material(manifest, member, {"member": member, **odd} if isinstance(odd, dict) else [member, odd])
        (folder / "odd.pcq").write_bytes(jcs(seal(manifest)))
        ended = Ended(folder, capsys, "explain", "odd.pcq", "--trust", "trust.json")
        assert ended.code == 6
        assert "Steps (7)" in ended.lines[8]


def test_what_a_terminal_could_obey_is_escaped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\u001b[2J\u202e\u0000\n✅ Proofs verified\r<script>"
    definition = small.runbook({}, description=evil)
    item = step("only", "failed", {}, {}, [], [])
    item["observed"]["attempts"][0]["error"] = {"code": evil, "message": evil}
    papers = scenarios.documents()
    papers["policies"] = {"modules": {evil: "package test\n"}, "data": {}}
    manifest = draft(definition, [item], papers, executedBy=evil, extensions={evil: evil})
    (folder / "evil.pcq").write_bytes(jcs(seal(manifest)))
    for arguments in (("evil.pcq",), ("explain", "evil.pcq")):
        ended = Ended(folder, capsys, *arguments, "--trust", "trust.json")
        assert ended.code == 0
        assert ended.out.count("\n✅ Proofs verified") == 1
        bad = {unicodedata.category(character) for character in ended.out if character != "\n"}
        assert not bad & {"Cc", "Cf", "Zl", "Zp"}


def test_each_file_is_read_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = folder / "pipe.pcq"
    os.mkfifo(pipe)
    data = (folder / "completed.pcq").read_bytes()
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    ended = Ended(folder, capsys, "explain", "pipe.pcq", "--trust", "trust.json")
    writer.join()
    assert ended.code == 0, "a second reading would find an empty pipe"


def test_a_payload_that_changes_between_check_and_use_is_not_used() -> None:
    rows, others = ["x" * 100] * 640, ["y" * 100] * 640
    definition = small.runbook({}, type="transform", expression="rows[0]", dependsOn=["source"])
    definition["steps"].insert(0, {"stepId": "source", "type": "query", "cypher": "MATCH (e) RETURN e"})
    steps = [step("source", "done", {}, {"rows": rows}, [], []), step("only", "done", {"rows": rows}, rows[0], [], [])]
    manifest = seal(draft(definition, steps, scenarios.documents()))
    del manifest["materials"][digest_of(rows)]
    data, keys = jcs(manifest), jcs(trust())
    assert verify(data, keys, payloads=lambda _: jcs(rows)).exit_code == 0
    answers = iter([jcs(rows)])
    report = verify(data, keys, payloads=lambda _: next(answers, jcs(others)))
    assert report.exit_code == 5
    assert {check.name: check.status for check in report.checks}["payloads"] == "pass"


def test_a_file_of_65_mib_is_refused_quickly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "large.pcq").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    ended = Ended(folder, capsys, "large.pcq", "--trust", "trust.json")
    assert ended.code == 6
    assert "at most" in ended.lines[-1]


def test_an_unexpected_fault_is_a_sentence_and_exit_2(folder: Path) -> None:
    program = (
        "import sys, pcq_verify.cli as cli\n"
        "def broken(*arguments, **options): raise RuntimeError('boom')\n"
        "cli.verify = broken\n"
        f"sys.exit(cli.main([{str(folder / 'completed.pcq')!r}, '--trust', {str(folder / 'trust.json')!r}]))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("❌ Verification failed: the verifier itself failed")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_can_show_the_report(folder: Path, encoding: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pcq_verify", str(folder / "completed.pcq"), "--trust", str(folder / "trust.json")],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    last = ended.stdout.decode(encoding).splitlines()[-1]
    assert last in ("✅ Proofs verified", "\\u2705 Proofs verified")


def test_a_closed_pipe_ends_without_a_traceback(folder: Path) -> None:
    command = f"{sys.executable} -m pcq_verify explain {folder}/completed.pcq --trust {folder}/trust.json | head -c 1"
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr
