"""The installation's registries: read from their folders, and refused when a judge could not rely on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runbooks.errors import SettingsError
from runbooks.registries import registry_problems
from runbooks.settings import Settings, load_registries

LICENCE = {
    "licenceId": "l",
    "version": "1",
    "title": "t",
    "resource": "r",
    "permit": ["use"],
    "prohibit": [],
    "effectiveFrom": "2025-01-01T00:00:00Z",
    "effectiveTo": None,
    "status": "active",
    "terms": "t",
}
OPA = {"type": "opa", "policy": "a.b", "input": {"action": "a", "resource": "r"}}


def licences(**changes: Any) -> dict[str, Any]:
    return {"licences": [{name: value for name, value in {**LICENCE, **changes}.items() if value != "absent"}]}


def provers(name: str = "p", **changes: Any) -> dict[str, Any]:
    claim = {key: value for key, value in {**OPA, **changes}.items() if value != "absent"}
    return {"preconditions": {name: claim}, "postconditions": {}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("licences", {"licences": []}),
        ("licences", licences()),
        ("licences", licences(effectiveTo="2026-01-01T00:00:00.123456Z", status="revoked")),
        ("provers", {}),
        ("provers", provers()),
        ("provers", provers(severity="warn")),
        ("provers", {"preconditions": {"later": {"type": "a kind of another version", "x": 1}}}),
        ("policies", {"modules": {}, "data": {}}),
        ("policies", {"modules": {"a.rego": "package a"}, "data": {"x": [1]}}),
    ],
)
def test_a_registry_of_the_right_shape_has_no_problem(name: str, value: Any) -> None:
    assert registry_problems(name, value) == []


@pytest.mark.parametrize(
    ("name", "value", "pointer"),
    [
        ("licences", [], ""),
        ("licences", {}, ""),
        ("licences", {"licences": {}}, "/licences"),
        ("licences", {"licences": ["l"]}, "/licences/0"),
        ("licences", licences(permit="use"), "/licences/0/permit"),
        ("licences", licences(constraint=[]), "/licences/0"),
        ("licences", licences(permit=[1]), "/licences/0/permit/0"),
        ("licences", licences(prohibit="absent"), "/licences/0"),
        ("licences", licences(status="gone"), "/licences/0/status"),
        ("licences", licences(effectiveFrom="2025-01-01"), "/licences/0/effectiveFrom"),
        ("licences", licences(effectiveFrom="2025-01-01T00:00:00"), "/licences/0/effectiveFrom"),
        ("licences", licences(effectiveFrom="2025-01-01T00:00:00+00:00"), "/licences/0/effectiveFrom"),
        ("licences", licences(effectiveFrom="2025-02-30T00:00:00Z"), "/licences/0/effectiveFrom"),
        ("licences", licences(effectiveTo="2025-13-01T00:00:00Z"), "/licences/0/effectiveTo"),
        ("licences", licences(effectiveFrom=None), "/licences/0/effectiveFrom"),
        ("provers", {"preconditions": []}, "/preconditions"),
        ("provers", provers(policy="absent"), "/preconditions/p"),
        ("provers", provers(policy="allow"), "/preconditions/p/policy"),
        ("provers", provers(input={"action": "a"}), "/preconditions/p/input"),
        ("provers", provers(severity="info"), "/preconditions/p/severity"),
        ("provers", provers(type="absent"), "/preconditions/p"),
        ("provers", provers(more=1), "/preconditions/p"),
        ("provers", provers(name="a b"), "/preconditions"),
        ("policies", {"modules": {}}, ""),
        ("policies", {"modules": {"a.rego": 1}, "data": {}}, "/modules/a.rego"),
        ("policies", {"modules": {}, "data": []}, "/data"),
    ],
)
def test_a_registry_of_another_shape_is_refused_with_the_place(name: str, value: Any, pointer: str) -> None:
    found = registry_problems(name, value)
    assert {(problem.code, problem.pointer) for problem in found} == {("registry.shape", pointer)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "policies").mkdir()
    (tmp_path / "licences").mkdir()
    (tmp_path / "models").mkdir()
    files: dict[str, Any] = {
        "policies/provers.json": provers(),
        "policies/data.json": {"x": 1},
        "licences/licences.json": licences(),
    }
    for name, value in files.items():
        (tmp_path / name).write_text(json.dumps(value))
    (tmp_path / "policies" / "b.rego").write_text("package b")
    (tmp_path / "policies" / "a.rego").write_text("package a")
    (tmp_path / "policies" / "a_test.rego").write_text("package a_test")
    return Settings(tmp_path, policies="policies", licences="licences", models="models")


def test_registries_are_read_from_their_folders(settings: Settings) -> None:
    assert load_registries(settings) == {
        "provers": provers(),
        "policies": {"modules": {"a.rego": "package a", "b.rego": "package b"}, "data": {"x": 1}},
        "licences": licences(),
        "models": {},
    }


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("licences/licences.json", json.dumps(licences(status="gone")), "registry.shape"),
        ("policies/provers.json", json.dumps(provers(policy=1)), "registry.shape"),
        ("policies/data.json", "[]", "registry.shape"),
        ("policies/data.json", '{"a": 1, "a": 2}', "settings.invalid"),
        ("licences/licences.json", "", "settings.invalid"),
    ],
)
def test_a_registry_that_cannot_be_used_is_refused_when_it_is_loaded(
    file: str, text: str, code: str, settings: Settings
) -> None:
    (settings.home / file).write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_registries(settings)
    assert caught.value.code == code
    assert file.split("/", maxsplit=1)[0] in str(caught.value)


def test_an_installation_without_provers_and_policies_denies_and_one_without_licences_is_refused(
    settings: Settings,
) -> None:
    for path in (settings.home / "policies").iterdir():
        path.unlink()
    assert load_registries(settings) == {
        "provers": {"preconditions": {}, "postconditions": {}},
        "policies": {"modules": {}, "data": {}},
        "licences": licences(),
        "models": {},
    }
    (settings.home / "licences" / "licences.json").unlink()
    with pytest.raises(SettingsError, match=r"licences\.json"):
        load_registries(settings)
    (settings.home / "policies").rmdir()
    with pytest.raises(SettingsError, match="policies"):
        load_registries(settings)
