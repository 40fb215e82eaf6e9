"""OPA, built once with Go into `.cache/`: its server over a bundle folder, and its commands.

The server gets SIGKILL when the thread that started it ends, so it cannot outlive the test process.
"""

from __future__ import annotations

__all__ = ["OpaProcess", "fetch", "run_opa"]

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from services.runbooks.tests.real import CACHE, one_at_a_time

_VERSION = "1.22.2"
_CACHE = CACHE / f"opa-{_VERSION}"
_MODULE = f"github.com/open-policy-agent/opa@v{_VERSION}"
_START_SECONDS = 30
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def fetch() -> str | None:
    """Make the program available; returns why that is not possible, or None."""
    with one_at_a_time():
        return None if (_CACHE / "opa").exists() else _build()


def _build() -> str | None:
    if shutil.which("go") is None:
        return "there is no go to build it with"
    # Into a folder of its own and then renamed: an interrupted build is never taken for a whole one.
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        built = Path(folder) / "bin"
        done = subprocess.run(
            ["go", "install", _MODULE],
            # Distributions turn off that Go fetches the newer Go that a module asks for.
            env={**os.environ, "GOBIN": str(built), "CGO_ENABLED": "0", "GOTOOLCHAIN": "auto"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return f"go could not build it: {done.stderr.strip()[-300:]}"
        built.rename(_CACHE)
    return None


def run_opa(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an `opa` command to its end."""
    return subprocess.run([str(_CACHE / "opa"), *arguments], capture_output=True, text=True, check=False)


class OpaProcess:
    """One server over a bundle folder; the port stays the same over restarts."""

    def __init__(self, bundle: Path) -> None:
        self.bundle = bundle
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (as long as this object)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when the server serves its bundle; raises RuntimeError with its output if it ends before."""
        self._process = subprocess.Popen(
            [
                *(str(_CACHE / "opa"), "run", "--server", "--addr", f"127.0.0.1:{self.port}"),
                *("--bundle", str(self.bundle), "--log-level", "error", "--disable-telemetry"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 (one system call)
        )
        until = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self._log.seek(0)
                raise RuntimeError(f"opa did not start:\n{self._log.read().decode()[-2000:]}")
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL, as a crash would; no error when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Connections are still accepted by the kernel, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a pause."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health?bundles", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
