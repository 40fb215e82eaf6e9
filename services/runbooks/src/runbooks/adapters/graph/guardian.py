"""Runs a command and ends it when the process that started this one is gone, however that process died.

Run as a script: `python -I -S guardian.py COMMAND ARGUMENT…` with a pipe as standard input whose other end only the
starting process holds; a byte through it asks for an orderly stop. It imports nothing of the service, so it is up in
some 20 ms and stays small.

Why a process between: a server started directly outlives a parent that is killed with SIGKILL, because the parent can
run no handler. The kernel closes the parent's end of the pipe in every case, and this process sees the end of file.
Twice assured: a forked copy of the parent could hold that end open, so the parent's id is looked at as well; and on
Linux the server asks for SIGKILL when this process dies, for the case that somebody kills the guardian itself.
(Asking for that signal directly from the parent would bind the server to the *thread* that forked it.)
"""

from __future__ import annotations

__all__ = ["main"]

import ctypes
import os
import select
import signal
import subprocess
import sys

_LOOK_SECONDS = 0.25
# An orderly stop takes 0.4 s, and the first one some 4 s more to write Java's start cache. When the parent is gone, the
# next owner may be waiting for the folder: everything acknowledged is on disk, so being quick matters more.
_ASKED_SECONDS = 30.0
_ABANDONED_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> int:
    """Run `command` until it ends by itself or the parent is gone; returns its exit status.

    SIGTERM, which a machine that shuts down sends to every process, ends the command in an orderly way too.
    """
    parent = os.getppid()
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    # The command inherits all descriptors: one of them holds the lock on the data folder.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False, preexec_fn=_die_with_parent)  # noqa: S603, PLW1509
    while child.poll() is None:
        readable, _, _ = select.select([0], [], [], _LOOK_SECONDS)
        if asked or (readable and os.read(0, 1)):
            return _stop(child, _ASKED_SECONDS)
        if readable or os.getppid() != parent:
            return _stop(child, _ABANDONED_SECONDS)
    return child.returncode


def _stop(child: subprocess.Popen[bytes], grace: float) -> int:
    child.terminate()
    try:
        return child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
