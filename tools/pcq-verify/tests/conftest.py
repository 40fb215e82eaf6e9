"""Where the tests find the maker, the vectors and the conformance data."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

ROOT = HERE.parents[2]


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The repository's own vectors."""
    return ROOT / "spec" / "vectors"


@pytest.fixture(scope="session")
def schemas() -> Path:
    """The published JSON Schemas."""
    return ROOT / "spec" / "schemas"


@pytest.fixture(scope="session")
def conformance() -> Path:
    """Public conformance vectors, which are not part of the repository."""
    given = os.environ.get("CONFORMANCE_VECTORS")
    folder = Path(given) if given else ROOT.parent / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("no public conformance vectors: set CONFORMANCE_VECTORS to their folder")
    return folder
