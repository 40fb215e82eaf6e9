"""One engine for all who pinned the same bundle, and another for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbooks.adapters.policy.shared import SharedPolicies


class Engine:
    """Answers with its bundle's name."""

    engine = "test 1"

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        self.name, self.is_closed = str(bundle["name"]), False

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        assert not self.is_closed
        return self.name

    async def close(self) -> None:
        self.is_closed = True


async def test_an_engine_is_opened_once_a_bundle_and_the_newest_few_stay_open() -> None:
    opened: list[Engine] = []

    def open_engine(bundle: Mapping[str, Any]) -> Engine:
        opened.append(Engine(bundle))
        return opened[-1]

    policies = SharedPolicies(open_engine, kept=1)
    first, same, other = (policies({"name": name}) for name in ("a", "a", "b"))
    assert [await engine.decide("q", {}) for engine in (first, same, other)] == ["a", "a", "b"]
    assert [engine.name for engine in opened] == ["a", "b"]
    await first.close()
    await other.close()
    assert [engine.is_closed for engine in opened] == [False, False], "one is in use, one is kept"
    await same.close()
    assert [engine.is_closed for engine in opened] == [True, False]
    assert await first.decide("q", {}) == "a", "opened anew"
    await policies.close()
    assert all(engine.is_closed for engine in opened)
