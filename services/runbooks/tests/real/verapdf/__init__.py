"""veraPDF, the industry's validator of PDF/A and PDF/UA, fetched once with Maven into `.cache/` and run with Java."""

from __future__ import annotations

__all__ = ["fetch", "verdicts"]

import shutil
import subprocess
import tempfile
from pathlib import Path

from services.runbooks.tests.real import CACHE, one_at_a_time

_VERSION = "1.28.2"
_CACHE = CACHE / f"verapdf-{_VERSION}"
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"


def fetch() -> str | None:
    """Make its jars available; returns why that is not possible, or None."""
    if shutil.which("java") is None:
        return "there is no java"
    with one_at_a_time():
        return None if _CACHE.exists() else _fetch_with_maven()


def _fetch_with_maven() -> str | None:
    if shutil.which("mvn") is None:
        return "there is no mvn to fetch it with"
    # Into a folder of its own and then renamed: an interrupted fetch is never taken for a whole one.
    with tempfile.TemporaryDirectory(dir=CACHE.resolve()) as folder:
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}/lib"]
        command = ["mvn", "-q", "-B", "-f", str(Path(__file__).with_name("pom.xml")), *goal]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"mvn could not fetch it: {done.stdout.strip()[-300:]}"
        (Path(folder) / "lib").rename(_CACHE)
    return None


def verdicts(pdf: Path, flavour: str) -> str:
    """What it says of a file under `2a` (PDF/A-2a) or `ua1` (PDF/UA-1): a line that begins with PASS or FAIL."""
    command = ["java", "-Xmx512m", "-cp", f"{_CACHE}/*", _MAIN, "-f", flavour, "--format", "text", "-v", str(pdf)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    return done.stdout.strip() or done.stderr.strip()
