"""House rules that no other tool holds: sizes, exports, error codes, and nothing of one machine in the repository."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from runbooks import errors

ROOT = Path(__file__).parents[3]
PACKAGES = [ROOT / "services" / "runbooks" / "src", ROOT / "tools" / "pcq-verify" / "src"]
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
LINES = 400


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of the repository")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def exported(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.expr() as value):
                return list(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                return list(ast.literal_eval(value))
            case _:
                continue
    return None


def defined(tree: ast.Module) -> set[str]:
    found = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.ImportFrom(names=names):
                found |= {name.asname or name.name for name in names}
            case _:
                continue
    return found


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_fits_the_eye_and_says_what_it_offers(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LINES
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    names = exported(tree)
    if path.name == "__main__.py" or not defined(tree) - {"annotations", "__all__", "__version__"}:
        return
    assert names is not None, "no __all__"
    assert set(names) <= defined(tree)


def test_tests_fit_the_eye_too() -> None:
    long = {shown(path): path.read_text("utf-8").count("\n") for path in (ROOT / "services").rglob("test_*.py")}
    assert {name: count for name, count in long.items() if count > LINES} == {}


def marks_of_this_machine() -> dict[str, str]:
    home = os.path.expanduser("~")  # noqa: PTH111 (as text)
    return {"the checkout's path": str(ROOT), "the checkout's parent": f"{ROOT.parent}/", "the home folder": f"{home}/"}


def test_no_file_of_the_repository_holds_a_path_of_this_machine() -> None:
    found = []
    for path in tracked():
        data = path.read_bytes()
        for name, mark in marks_of_this_machine().items():
            if len(mark) > 2 and mark.encode() in data:
                found.append(f"{shown(path)} holds {name}")
    assert found == []


def test_no_file_of_the_repository_holds_a_mark_of_unfinished_work() -> None:
    # Put together here, so that this file does not hold them itself.
    words = ["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK", "W" + "IP"]
    pattern = re.compile(rb"(?<![A-Za-z0-9_])(" + "|".join(words).encode() + rb")(?![A-Za-z0-9_])")
    found = []
    for path in tracked():
        if path.suffix in (".json", ".jsonl", ".pcq", ".lock", ".png"):
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if pattern.search(line):
                found.append(f"{shown(path)}:{number}: {line.decode('utf-8', 'replace').strip()}")
    assert found == []


def test_every_error_is_of_the_one_tree_and_has_a_code_of_its_own() -> None:
    classes = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)]
    assert all(issubclass(item, errors.RunbooksError) for item in classes)
    assert {item.__name__ for item in classes} | {"Problem"} == set(errors.__all__)
    codes = Counter(item.code for item in classes)
    assert {code: count for code, count in codes.items() if count > 1} == {}
    assert all("code" in vars(item) for item in classes)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", code) for code in codes)
    assert all((item.__doc__ or "").strip() for item in classes)


def test_every_code_in_the_source_has_the_same_form() -> None:
    pattern = re.compile(r"code=f?\"([^\"]+)\"")
    codes = {code for path in MODULES if "runbooks" in path.parts for code in pattern.findall(path.read_text("utf-8"))}
    assert len(codes) > 20
    assert {code for code in codes if not re.fullmatch(r"[a-z_]+\.[a-z_]+(\{status\})?", code)} == set()


def test_layers_are_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout
