"""The verifier stands alone: four dependencies, no network module, no network, no service."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pcq_verify
import pytest
import scenarios
from keyring import jcs, trust
from probes import PROBES, made

NETWORK = ("socket", "_socket", "ssl", "_ssl", "http", "http.client", "urllib.request", "asyncio", "ftplib", "smtplib")
DISTRIBUTIONS = ("regopy", "regopy.libs", "jsonatapy", "jsonschema_rs", "nacl", "cffi", "_cffi_backend", "pycparser")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and what it depends on, and nothing else."""
    target = tmp_path_factory.mktemp("alone")
    shutil.copytree(
        Path(pcq_verify.__file__).parent, target / "pcq_verify", ignore=shutil.ignore_patterns("__pycache__")
    )
    import nacl

    site = Path(nacl.__file__).parents[1]
    for name in DISTRIBUTIONS:
        for found in [*site.glob(name), *site.glob(f"{name}.*.so")]:
            if found.is_dir():
                shutil.copytree(found, target / found.name, dirs_exist_ok=True)
            else:
                shutil.copy(found, target / found.name)
    (target / "completed.pcq").write_bytes(jcs(scenarios.completed()))
    [conforming] = [probe for probe in PROBES if probe.name == "schema-valid"]
    (target / "conforming.pcq").write_bytes(jcs(made(conforming)))
    (target / "trust.json").write_bytes(jcs(trust()))
    return target


def python(alone: Path, program: str, *prefix: str) -> subprocess.CompletedProcess[str]:
    boot = f"import sys; sys.path.insert(0, {str(alone)!r})\n"
    command = [*prefix, sys.executable, "-I", "-S", "-c", boot + program]
    return subprocess.run(command, cwd=alone, capture_output=True, text=True, timeout=120, check=False)


VERIFY = "from pcq_verify.cli import main\ncode = main(['completed.pcq', '--trust', 'trust.json'])\n"


def test_it_verifies_with_its_four_dependencies_alone(alone: Path) -> None:
    ended = python(alone, VERIFY + "sys.exit(code)")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1] == "✅ Proofs verified"
    ended = python(alone, VERIFY.replace("completed", "conforming") + "sys.exit(code)")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert python(alone, "import runbooks").returncode != 0


def test_it_verifies_where_there_is_no_network(alone: Path) -> None:
    cut = ("unshare", "--map-root-user", "--net")
    if not shutil.which("unshare") or subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody cut the network (unshare --map-root-user --net)")
    reach = "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)"
    assert "unreachable" in python(alone, reach, *cut).stderr
    ended = python(alone, VERIFY + "sys.exit(code)", *cut)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_full_verification_imports_no_network_module(alone: Path) -> None:
    ended = python(alone, VERIFY + "print([name for name in sys.modules])\nsys.exit(code)")
    assert ended.returncode == 0
    loaded = ended.stdout.splitlines()[-1]
    assert "'pcq_verify.provers.registry'" in loaded
    for name in NETWORK:
        assert f"'{name}'" not in loaded


def test_the_evaluators_import_no_network_module_either(alone: Path) -> None:
    program = (
        "from pcq_verify.rego import Policies\n"
        "from pcq_verify.expressions import evaluate\n"
        "from pcq_verify.conformance import conforms\n"
        "import pcq_verify.sandbox_child\n"
        "policies = Policies({'modules': {'m': 'package test\\nallow := true'}, 'data': {}})\n"
        "assert policies.decide('data.test.allow', {}) == 'allow'\n"
        "assert evaluate('1 + 1', {}) == 2\n"
        "assert conforms({'type': 'object'}, {}) == 'valid'\n"
        "print([name for name in sys.modules])\n"
    )
    ended = python(alone, program)
    assert ended.returncode == 0, ended.stderr
    for name in NETWORK:
        assert f"'{name}'" not in ended.stdout.splitlines()[-1]


def test_the_verifier_reads_no_manifest_with_the_standard_library_s_reader(alone: Path) -> None:
    users = [
        path.name
        for path in (alone / "pcq_verify").rglob("*.py")
        if "import json\n" in path.read_text() or "from json" in path.read_text()
    ]
    assert sorted(users) == ["rego.py", "sandbox_child.py", "sql.py"], (
        "these run in the child, on what the parent wrote"
    )


def test_the_package_s_builtins_are_those_of_the_specification(alone: Path) -> None:
    spec = Path(__file__).resolve().parents[3] / "spec" / "rego-builtins.txt"
    names = spec.read_text().split()
    assert names == sorted(set(names))
    assert (alone / "pcq_verify" / "rego-builtins.txt").read_bytes() == spec.read_bytes()


def test_a_wheel_has_every_file_of_the_package(tmp_path: Path, alone: Path) -> None:
    import zipfile

    from hatchling.builders.wheel import WheelBuilder

    project = Path(__file__).resolve().parents[1]
    copy = tmp_path / "project"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    [wheel] = WheelBuilder(str(copy)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("pcq_verify/")}
    files = [path for path in (alone / "pcq_verify").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert names == {str(path.relative_to(alone)) for path in files}
