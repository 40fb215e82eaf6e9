"""The embedded graph: ArcadeDB as a child process that lives in the data folder and dies with its owner.

The server comes with the `arcadedb-embedded` wheel, Java included. It listens on loopback only, on free ports, for
accounts of this folder (see `accounts`). Settings that matter: every commit is flushed to disk (`txWalFlush` 2), LOAD
CSV reads neither files nor addresses, no scripting languages, a server-side time-out. The HTTP listener cannot be
switched off, so it gets a loopback port that nobody is told. One owner per folder: the lock is held by the server
process itself, so it is free exactly when the server is gone.
"""

from __future__ import annotations

__all__ = ["ArcadeDbServer"]

import asyncio
import fcntl
import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from runbooks.adapters.graph.accounts import DATABASE, read_or_create_accounts, write_account_files
from runbooks.adapters.graph.startcache import StartCache
from runbooks.errors import DataFolderError, PermanentPortError, PortError, SettingsError

_START_SECONDS = 60.0
_LOCK_SECONDS = 10.0
# Longer than the guardian waits before it kills, and it is the one to do that.
_STOP_SECONDS = 40.0
_LOOK_SECONDS = 0.02
_GUARDIAN = Path(__file__).with_name("guardian.py")


class ArcadeDbServer:
    """One server process over one folder: `spawn`, `until_ready`, `close`.

    `heap` is in MiB, `timeout` the longest a statement may run, in seconds.
    """

    database = DATABASE

    def __init__(self, folder: Path, *, heap: int = 512, timeout: float = 30.0) -> None:
        self._folder = folder.resolve()
        self._heap = heap
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._cache: StartCache | None = None
        self.port = 0
        self.accounts: dict[str, str] = {}

    @property
    def log(self) -> Path:
        """What the server printed since its start."""
        return self._folder / "server.log"

    def spawn(self) -> None:
        """Start the process without waiting for it.

        Raises DataFolderError when the folder has an owner or cannot be written, SettingsError without the wheel.
        """
        package = _package_folder()
        lock = self._lock()
        try:
            self.accounts = read_or_create_accounts(self._folder / "credentials.json")
            write_account_files(self._folder / "config", self.accounts)
            self._cache = StartCache(package, self._folder)
            self.port, http_port = _free_ports()
            # A session of its own: Ctrl-C in a terminal goes to the whole group, and the server must outlast
            # the transactions that its owner then still ends.
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603
                    [
                        sys.executable,
                        "-I",
                        "-S",
                        str(_GUARDIAN),
                        *self._command(package, http_port, self._cache.options()),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self._folder,
                    env={"LANG": "C.UTF-8", "PATH": os.defpath},
                    pass_fds=[lock],
                    start_new_session=True,
                )
        except OSError as error:
            raise DataFolderError(f"{self._folder} cannot be written: {error.strerror}") from error
        finally:
            os.close(lock)

    async def until_ready(self, ask: Callable[[], Awaitable[None]]) -> None:
        """Return when `ask`, repeated from the moment the port accepts, does not raise a PortError.

        Raises PermanentPortError, code `graph.start`, with the end of the server's log.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            # The port accepts before the database is open, so both are waited for.
            if _accepts(self.port):
                with suppress(PortError):
                    return await ask()
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise self._start_error()
            await asyncio.sleep(_LOOK_SECONDS)

    def _start_error(self) -> PermanentPortError:
        lines = self.log.read_text("utf-8", "replace").splitlines()[-8:]
        tail = "\n  ".join(line[:200] for line in lines) or "(empty)"
        return PermanentPortError(
            f"the embedded graph server did not start; its log ends:\n  {tail}", code="graph.start"
        )

    async def close(self) -> None:
        """Stop the server in an orderly way and return when it is gone."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with suppress(BrokenPipeError):
            process.stdin.write(b"stop")
            process.stdin.close()
        try:
            await asyncio.to_thread(process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        if self._cache is not None:
            self._cache.keep()

    def _lock(self) -> int:
        """The descriptor that owns the folder; waits for the server of an owner that was just killed."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataFolderError(f"{self._folder} cannot be written: {error.strerror}") from error
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _try_lock(descriptor):
            owner = os.pread(descriptor, 20, 0).decode()
            if _is_alive(owner) or time.monotonic() > deadline:
                os.close(descriptor)
                raise DataFolderError(f"{self._folder} is in use by process {owner}; stop that one first")
            time.sleep(_LOOK_SECONDS)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def _command(self, package: Path, http_port: int, cache: list[str]) -> list[str]:
        settings = {
            "server.rootPath": self._folder,
            "server.databaseDirectory": self._folder / "databases",
            "server.logsDirectory": self._folder / "log",
            "server.defaultDatabases": f"{DATABASE}[]",
            # Production mode answers every error with "see the log"; what it switches off is switched off below.
            "server.mode": "development",
            "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt.host": "127.0.0.1",
            "bolt.port": self.port,
            "server.httpIncomingHost": "127.0.0.1",
            "server.httpIncomingPort": http_port,
            "opencypher.loadCsv.allowFileUrls": "false",
            "opencypher.loadCsv.allowRemoteUrls": "false",
            "polyglotEngineEnabled": "false",
            "txWalFlush": 2,
            "command.timeout": int(self._timeout * 1000),
        }
        java = [
            str(package / "jre" / "bin" / "java"),
            *cache,
            f"-Xmx{self._heap}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            f"-XX:ErrorFile={self._folder / 'java-error.log'}",
            "-Djava.awt.headless=true",
            "-Duser.timezone=UTC",
            "--enable-native-access=ALL-UNNAMED",
        ]
        options = [f"-Darcadedb.{name}={value}" for name, value in settings.items()]
        return [*java, *options, "-cp", str(package / "jars" / "*"), "com.arcadedb.server.ArcadeDBServer"]


def _package_folder() -> Path:
    # Not imported: the package's own code would start a Java machine inside this process.
    spec = importlib.util.find_spec("arcadedb_embedded")
    if spec is None or spec.origin is None:
        raise SettingsError(
            "the embedded graph needs the package arcadedb-embedded; install it or name a bolt:// server"
        )
    return Path(spec.origin).parent


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as bolt, socket.create_server(("127.0.0.1", 0)) as http:
        return bolt.getsockname()[1], http.getsockname()[1]


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
