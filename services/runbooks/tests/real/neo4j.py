"""Neo4j's community server, fetched once with Maven into `.cache/` and started with Java 17 or later.

The server stops when its standard input ends, so it cannot outlive the test process.
"""

from __future__ import annotations

__all__ = ["Neo4jServer", "fetch"]

import os
import queue
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

_VERSION = "5.26.30"
_CACHE = Path(__file__).parents[4] / ".cache" / f"neo4j-{_VERSION}"
_SOURCES = Path(__file__).with_name("neo4j_server")
_START_SECONDS = 120


def fetch() -> str | None:
    """Make the server's jars available; returns why that is not possible, or None."""
    java = shutil.which("java")
    if java is None:
        return "there is no java"
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', printed)
    if version is None or int(version[1]) < 17:
        return "java is older than 17"
    if _CACHE.exists():
        return None
    if shutil.which("mvn") is None:
        return "there is no mvn to fetch it with"
    return _fetch_with_maven()


def _fetch_with_maven() -> str | None:
    _CACHE.parent.mkdir(exist_ok=True)
    # Into a folder of its own and then renamed: an interrupted fetch is never taken for a whole one.
    with tempfile.TemporaryDirectory(dir=_CACHE.parent) as folder:
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}/lib"]
        command = ["mvn", "-q", "-B", "-f", str(_SOURCES / "pom.xml"), *goal]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"mvn could not fetch it: {done.stdout.strip()[-300:]}"
        if not _CACHE.exists():
            (Path(folder) / "lib").rename(_CACHE)
    return None


class Neo4jServer:
    """One server over the folder `home`; the port stays the same over restarts."""

    user = "neo4j"

    def __init__(self, home: Path) -> None:
        self._home = home
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
        java = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{_CACHE}/*"]
        self._process = subprocess.Popen(
            [*java, str(_SOURCES / "Neo4jServer.java"), str(self._home)],
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
