"""The limits of the API in `settings.json`: taken over, or refused with what they may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runbooks.api.limits import Limits
from runbooks.api.live import Hub
from runbooks.errors import SettingsError
from runbooks.service import open_runner
from runbooks.serving import open_backend
from runbooks.settings import load_settings


def stated(home: Path, limits: Any) -> Path:
    (home / "settings.json").write_text(json.dumps({"limits": limits}))
    return home


async def test_the_service_has_the_limits_that_are_stated_and_the_defaults_of_the_others(tmp_path: Path) -> None:
    settings = load_settings(stated(tmp_path, {"body": 2048, "rate": 1, "executions": 2, "seconds": 5}))
    async with open_runner(settings) as runner, open_backend(settings, runner, Hub()) as backend:
        assert backend.gate.limits == Limits(body=2048, rate=1.0, executions=2, seconds=5.0)
        assert backend.gate.rate.burst == Limits().burst


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"size": 1}, "unknown limit size; known: body, burst, executions, rate, seconds"),
        ({"body": 10}, "limits.body must be an integer from 1,024 to 67,108,864, got 10"),
        ({"body": 2048.5}, "limits.body must be an integer"),
        ({"executions": 0}, "limits.executions must be an integer from 1 to 10,000, got 0"),
        ({"burst": True}, "limits.burst must be an integer"),
        ({"rate": "fast"}, "limits.rate must be a number from 0.1 to 100,000.0, got 'fast'"),
        ({"rate": -1}, "limits.rate"),
        ({"seconds": 1e9}, "limits.seconds"),
        ({"seconds": None}, "limits.seconds"),
        ([], "limits must be dict, got list"),
    ],
    ids=str,
)
def test_a_limit_that_cannot_be_is_refused_with_what_it_may_be(limits: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(stated(tmp_path, limits))
    assert told in str(caught.value)
    assert str(tmp_path / "settings.json") in str(caught.value)
