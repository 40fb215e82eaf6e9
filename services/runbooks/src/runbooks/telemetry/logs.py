"""Log lines for people (`text`) or for machines (`json`: one object a line), each with what it is about.

No line holds a value of an execution, a query value or a token: what is logged are names, codes and our own sentences.
"""

from __future__ import annotations

__all__ = ["FORMATS", "set_up_logs"]

import logging
import sys
from datetime import UTC, datetime
from typing import Any

from runbooks.canonical import dumps
from runbooks.errors import SettingsError
from runbooks.log_context import names
from runbooks.telemetry.identity import trace_id_of

FORMATS = ("text", "json")


FORMATS = ("text", "json")


def set_up_logs(log_format: str) -> None:
    """Let all lines of the process, those of the HTTP server too, go to stderr in that format. Raises SettingsError."""
    if log_format not in FORMATS:
        raise SettingsError(f"log_format must be {' or '.join(FORMATS)}, got {log_format!r}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if log_format == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("runbooks").setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
    # Ours says the same of a request, and no query.
    logging.getLogger("uvicorn.access").disabled = True


def _members(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    line = {"time": at, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
    found = {**names(), **getattr(record, "members", {})}
    error = record.exc_info[1] if record.exc_info else None
    code = getattr(error, "code", None)
    if code is not None:
        found.setdefault("code", str(code))
    if "executionId" in found:
        found["traceId"] = trace_id_of(found["executionId"])
    return {**line, **found}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        members = _members(record)
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return dumps(members).decode()


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        members = _members(record)
        said = f"{members.pop('time')} {members.pop('level')} {members.pop('logger')}: {members.pop('message')}"
        about = " ".join(f"{name}={value}" for name, value in members.items())
        lines = said.replace("\n", " ") + (f" [{about}]" if about else "")
        return f"{lines}\n{self.formatException(record.exc_info)}" if record.exc_info else lines
