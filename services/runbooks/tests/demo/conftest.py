"""The demo data, built once for all tests."""

from __future__ import annotations

import pytest
from runbooks.demo.galaxies import DemoData, demo_data


@pytest.fixture(scope="session")
def data() -> DemoData:
    return demo_data()
