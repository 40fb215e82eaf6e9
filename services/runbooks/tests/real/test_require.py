"""A product that is missing skips its tests, each with the reason, and is an error in CI."""

from __future__ import annotations

import pytest

from services.runbooks.tests import real


@pytest.fixture(autouse=True)
def _no_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "_MISSING", {})
    monkeypatch.delenv("CI", raising=False)


def test_a_product_that_is_there_is_not_mentioned() -> None:
    real.require("Neo4j", None)
    assert real.not_tested_lines() == []


def test_a_missing_product_skips_and_is_told_once_at_the_end() -> None:
    for _ in range(2):
        with pytest.raises(pytest.skip.Exception, match="not tested here: Neo4j, because there is no java"):
            real.require("Neo4j", "there is no java")
    assert real.not_tested_lines() == ["not tested here: Neo4j, because there is no java"]


def test_a_missing_product_is_an_error_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="there is no java"):
        real.require("Neo4j", "there is no java")


def test_what_ci_need_not_have_is_skipped_there_too_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.skip.Exception, match="there is no Java 21"):
        real.require("Neo4j 2026", "there is no Java 21", in_ci=False)
    assert real.not_tested_lines() == ["not tested here: Neo4j 2026, because there is no Java 21"]
