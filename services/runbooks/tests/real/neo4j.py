"""Neo4j's community server in two versions, fetched once with Maven into `.cache/` and started with a fitting Java.

The long-term version runs on the Java of the machine, 17 or later. The newest needs Java 21: that of the machine, else
the one inside the wheel of the embedded graph. The server stops when its standard input ends, so it cannot outlive the
test process.
"""

from __future__ import annotations

__all__ = ["LATEST", "LONG_TERM", "Neo4jServer", "Release", "fetch"]

import importlib.util
import os
import queue
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from services.runbooks.tests.real import CACHE, one_at_a_time

_SOURCES = Path(__file__).with_name("neo4j_server")
_START_SECONDS = 120


@dataclass(frozen=True)
class Release:
    """A version of Neo4j and the least Java that it runs on; CI must have the one that is `in_ci`."""

    version: str
    java: int
    in_ci: bool = True

    @property
    def jars(self) -> Path:
        """Where its jars are kept."""
        return CACHE / f"neo4j-{self.version}"


LONG_TERM = Release("5.26.30", java=17)
LATEST = Release("2026.08.1", java=21, in_ci=False)


def fetch(release: Release) -> str | None:
    """Make the server's jars available, and what starts it; returns why that is not possible, or None."""
    if _java(release) is None:
        return f"there is no Java {release.java} or later"
    if shutil.which("javac") is None:
        return "there is no javac"
    with one_at_a_time():
        for needed in dict.fromkeys((LONG_TERM, release)):
            if not needed.jars.exists():
                if shutil.which("mvn") is None:
                    return "there is no mvn to fetch it with"
                if missing := _fetch_with_maven(needed):
                    return missing
    return None


def _java(release: Release) -> str | None:
    """The machine's Java, if it is new enough, else that of the embedded graph's wheel."""
    embedded = importlib.util.find_spec("arcadedb_embedded")
    wheel = str(Path(embedded.origin).parent / "jre" / "bin" / "java") if embedded and embedded.origin else None
    for java in (shutil.which("java"), wheel):
        if java is not None and _version_of(java) >= release.java:
            return java
    return None


def _version_of(java: str) -> int:
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', printed)
    return int(version[1]) if version else 0


def _fetch_with_maven(release: Release) -> str | None:
    # Into a folder of its own and then renamed: an interrupted fetch is never taken for a whole one.
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}/lib"]
        pom = ["-f", str(_SOURCES / "pom.xml"), f"-Dneo4j.version={release.version}"]
        done = subprocess.run(["mvn", "-q", "-B", *pom, *goal], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"mvn could not fetch it: {done.stdout.strip()[-300:]}"
        (Path(folder) / "lib").rename(release.jars)
    return None


class Neo4jServer:
    """One server over the folder `home`; the port stays the same over restarts."""

    user = "neo4j"

    def __init__(self, home: Path, release: Release = LONG_TERM) -> None:
        self._home = home
        self._release = release
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.password = secrets.token_urlsafe(16)
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Return when the server answers; raises RuntimeError with its output if it ends before."""
        first = {} if self._home.exists() else {"NEO4J_FIRST_PASSWORD": self.password}
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "neo4j.conf").write_text(
            f"server.bolt.enabled=true\nserver.bolt.listen_address=127.0.0.1:{self.port}\n"
            f"server.bolt.advertised_address=127.0.0.1:{self.port}\n"
            "dbms.security.auth_enabled=true\ndbms.usage_report.enabled=false\n"
            "server.memory.pagecache.size=32m\ndb.tx_log.preallocate=false\n"
        )
        # Compiled against the long-term version: a compiler of Java 17 cannot read the newest one's classes.
        compiled = ["javac", "--release", "17", "-cp", f"{LONG_TERM.jars}/*", "-d", str(self._home)]
        subprocess.run([*compiled, str(_SOURCES / "Neo4jServer.java")], check=True)
        options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        classes = ["-cp", f"{self._home}:{self._release.jars}/*", "Neo4jServer"]
        self._process = subprocess.Popen(
            [str(_java(self._release)), *options, *classes, str(self._home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **first},
        )
        self._wait_for_ready(self._process)

    def kill(self) -> None:
        """SIGKILL, as a crash would. An orderly stop takes 10 s, and the folder is thrown away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait_for_ready(self, process: subprocess.Popen[str]) -> None:
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_pump, args=(process, lines), daemon=True).start()
        printed: list[str] = []
        while (line := lines.get(timeout=_START_SECONDS)) != "ready":
            if line is None:
                raise RuntimeError("neo4j did not start:\n" + "\n".join(printed[-30:]))
            printed.append(line)


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    """Read on after "ready" too: a full pipe would stop the server."""
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line.rstrip("\n"))
    lines.put(None)
