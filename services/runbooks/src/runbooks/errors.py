"""Every error of the service, in one tree; the leaf says whose fault it is.

`code` is stable: the spec, the vectors and the command line use it, and nothing parses the
message. A message says where, what was expected and got, and what to do.
"""

from __future__ import annotations

__all__ = [
    "CanonicalError",
    "DataFolderError",
    "DefinitionError",
    "EvidenceError",
    "ExecutionStateError",
    "ExpressionError",
    "IllegalTransitionError",
    "KeyFileError",
    "LedgerConflictError",
    "LedgerError",
    "ModelError",
    "ParameterError",
    "PermanentPortError",
    "PortError",
    "Problem",
    "ProverFailedError",
    "RequestError",
    "ReviewConflictError",
    "ReviewError",
    "RunbooksError",
    "ScheduleError",
    "SchemaError",
    "SettingsError",
    "TamperedRecordError",
    "TransientPortError",
    "UnknownExecutionError",
    "UnknownReviewError",
    "UnknownScheduleError",
    "VerificationError",
]

from collections.abc import Sequence
from dataclasses import dataclass


class RunbooksError(Exception):
    """Base of all errors that the service raises on purpose."""

    code = "runbooks.error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class CanonicalError(RunbooksError):
    """Bytes or a value that strict JSON refuses (spec/pcq-v1.md, 1)."""

    code = "json.invalid"


@dataclass(frozen=True)
class Problem:
    """One finding in a definition: where (JSON Pointer, in which file), what, and what to do."""

    code: str
    pointer: str
    message: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        where = f"{self.source}#{self.pointer}" if self.source else self.pointer or "/"
        text = f"{where}: {self.message} [{self.code}]"
        return f"{text} ({self.hint})" if self.hint else text


class DefinitionError(RunbooksError):
    """The author's fault: the definition is refused; `problems` has every finding."""

    code = "definition.invalid"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems
        self.code = problems[0].code


class ParameterError(RunbooksError):
    """The caller's fault: a parameter is unknown, missing or of the wrong type; `problems` say where, if known."""

    code = "parameter.invalid"

    def __init__(self, message: str, *, code: str | None = None, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, code=code)
        self.problems = problems


class ModelError(RunbooksError):
    """A model that a definition names is not there, or is another one than it pins; nothing was started."""

    code = "model.unusable"


class ExpressionError(RunbooksError):
    """An expression that does not parse, is refused, or fails on its data."""

    code = "expression.invalid"


class SchemaError(RunbooksError):
    """A JSON Schema that cannot be used, or not within the limits of time and memory."""

    code = "schema.unusable"


class IllegalTransitionError(RunbooksError):
    """An event that the execution's state does not allow; the state is unchanged."""

    code = "execution.illegal_transition"


class UnknownExecutionError(RunbooksError):
    """No execution has that id in this ledger."""

    code = "execution.unknown"


class ExecutionStateError(RunbooksError):
    """What was asked of an execution cannot be done where it stands; nothing changed."""

    code = "execution.state"


class UnknownReviewError(RunbooksError):
    """No review has that id in this ledger."""

    code = "review.unknown"


class UnknownScheduleError(RunbooksError):
    """No schedule has that id in this ledger."""

    code = "schedule.unknown"


class ScheduleError(RunbooksError):
    """A schedule that cannot be set up so, or not be changed so."""

    code = "schedule.invalid"


class ReviewError(RunbooksError):
    """A decision that this person may not make, or not now, or not so; nothing was decided."""

    code = "review.refused"


class ReviewConflictError(ReviewError):
    """The review is not as the decider saw it; `state` and `version` say how it is, `reason` keeps what was typed."""

    code = "review.conflict"

    def __init__(self, message: str, *, state: str, version: int, reason: str, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.state = state
        self.version = version
        self.reason = reason


class EvidenceError(RunbooksError):
    """The world answered with something that cannot be recorded."""

    code = "evidence.invalid"


class PortError(RunbooksError):
    """The world's fault."""

    code = "port.error"


class TransientPortError(PortError):
    """May succeed on another attempt."""

    code = "port.transient"


class PermanentPortError(PortError):
    """Another attempt would fail in the same way."""

    code = "port.permanent"


class ProverFailedError(RunbooksError):
    """A blocking prover did not pass; no export of that execution happens."""

    code = "prover.failed"


class RequestError(RunbooksError):
    """A request to the API that is not answered: by whom, of what form, or how often it came."""

    code = "request.refused"

    def __init__(self, message: str, *, code: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class VerificationError(RunbooksError):
    """A recomputed hash, signature or verdict differs from the recorded one."""

    code = "verification.failed"


class LedgerError(RunbooksError):
    """The ledger cannot be read or written, or is not intact."""

    code = "ledger.error"


class LedgerConflictError(LedgerError):
    """Somebody else appended to this execution first."""

    code = "ledger.conflict"


class TamperedRecordError(LedgerError):
    """What is recorded of an execution is not what was recorded then: no proof is made of it."""

    code = "record.tampered"


class DataFolderError(RunbooksError):
    """The data folder is locked by another process, read-only or damaged."""

    code = "data_folder.unusable"


class KeyFileError(RunbooksError):
    """A key file is missing, unreadable, too open or of the wrong kind."""

    code = "key.unusable"


class SettingsError(RunbooksError):
    """A setting is unknown, missing or malformed."""

    code = "settings.invalid"
