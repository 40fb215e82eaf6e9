"""What the runner needs of the outside world, as protocols; adapters implement them.

Adapters translate at the border: a failure that another attempt may cure becomes
`TransientPortError`, any other `PermanentPortError`, with a message that says where and what
to do. Nothing of a product's own types crosses a port: values are JSON.
"""

from __future__ import annotations

__all__ = [
    "ApiResponse",
    "BlobStore",
    "Chat",
    "Clock",
    "ExportStore",
    "GraphStore",
    "HttpApi",
    "LedgerStore",
    "LicenceRegistry",
    "Mailer",
    "Mutation",
    "MutationOutcome",
    "Outbox",
    "Outgoing",
    "PolicyEngine",
    "ReportRenderer",
    "Signer",
]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from runbooks.ledger import Draft, Entry, Head
from runbooks.notices import ChatMessage, MailMessage, Message


@dataclass(frozen=True)
class Mutation:
    """One write: the statement runs once per row, all rows in one transaction.

    `key` names the effect; a second `mutate` with the same key changes nothing and returns
    the first outcome. `queries` are read inside the transaction, after the writes, all with `parameters`.
    """

    key: str
    statement: str
    rows: Sequence[dict[str, Any]]
    queries: Sequence[str] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MutationOutcome:
    """`observed[i]` is the list of rows of `Mutation.queries[i]`, as it stood before commit.

    `committed` is False when `approve` refused and everything was rolled back.
    """

    rows: int
    observed: list[list[Any]]
    committed: bool
    repeated: bool = False


class GraphStore(Protocol):
    """An entity graph that speaks openCypher."""

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        """Rows of a read-only statement, in the order in which they came, each an object: column name → value.

        A node or relationship is its properties; dates and times are ISO 8601 text. Raises
        PermanentPortError with code `graph.syntax` for a statement that does not parse, `graph.read_only`
        for one that writes, `graph.auth` for refused credentials,
        `graph.value` for a value JSON cannot hold (an integer beyond 2^53 - 1, a path, bytes, NaN);
        TransientPortError with code `graph.unreachable` or `graph.conflict`.
        """
        ...

    async def mutate(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        """Write all rows, read `queries`, ask `approve(observed)`, then commit together with a receipt, or roll back.

        The receipt is a node `(:RunbookReceipt {key, …})` in the same transaction, unique by key, and holds what is
        needed to return the same outcome again. Raises as `query` does.
        """
        ...

    async def close(self) -> None:
        """Release connections (and the child process, where the adapter owns one)."""
        ...


@dataclass(frozen=True)
class ApiResponse:
    """The answer of an external API: HTTP status and the JSON body."""

    status: int
    body: Any


class HttpApi(Protocol):
    """External APIs that the installation allows."""

    async def call(
        self, method: str, endpoint: str, body: Any, *, idempotency_key: str, timeout: float, max_bytes: int
    ) -> ApiResponse:
        """The response, if its status is 2xx and its body strict JSON of at most `max_bytes` bytes.

        `timeout` in seconds holds over all. Raises TransientPortError for 408, 425, 429, 5xx, time-outs, refused and
        broken connections; PermanentPortError for any other status, an origin or address that is not allowed, a
        redirect, a certificate for another name, a body that is encoded, no JSON or too large.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class PolicyEngine(Protocol):
    """Answers authority questions from one policy bundle."""

    @property
    def engine(self) -> str:
        """Name and version of what evaluates, e.g. `regopy 1.5.2`."""
        ...

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        """`allow`, `deny`, `undefined`, `non-boolean` or `error` (spec/provers.md, 2).

        A policy's fault, a time-out and a dead engine are `error`; nothing is raised for them.
        """
        ...

    async def close(self) -> None:
        """Release processes or connections."""
        ...


class LicenceRegistry(Protocol):
    """Knows which licences are revoked now; what they permit, an execution has pinned (spec/licences.md, 7)."""

    async def revoked(self, names: Sequence[str]) -> Sequence[str]:
        """Those of `names` (`licenceId@version`) that are not `active` now, or that the registry does not know.

        Raises TransientPortError or PermanentPortError (`licences.…`) when there is no plain answer about all of them.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class ReportRenderer(Protocol):
    """Sets reports: the same source, data and time always give the same bytes."""

    @property
    def engine(self) -> str:
        """Name and version of what sets them, e.g. `typst 0.15.2`."""
        ...

    def template(self, name: str) -> bytes:
        """The source of a template; raises PermanentPortError with code `report.template`."""
        ...

    async def render(self, source: bytes, data: Any, at: str) -> bytes:
        """The PDF of `data` (JSON) by the template `source`; `at` is the time that it bears, RFC 3339 in UTC.

        Texts of the data are shown as they are and never obeyed. Raises PermanentPortError with code `report.render`
        for a template that cannot set these data, `report.limit` for what takes too much time or memory.
        """
        ...


class Signer(Protocol):
    """Holds one Ed25519 private key."""

    @property
    def keyid(self) -> str:
        """`sha256:` and the hash of the 32 public key bytes."""
        ...

    @property
    def public_key(self) -> bytes:
        """The 32 public key bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64 signature bytes."""
        ...


class Clock(Protocol):
    """Wall clock and waiting."""

    def now(self) -> str:
        """The time as RFC 3339 in UTC with microseconds and `Z`."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class BlobStore(Protocol):
    """Content-addressed bytes; a digest is `sha256:` and 64 hexadecimal digits."""

    def put(self, data: bytes) -> str:
        """Store durably, return the digest; the same bytes again are no error."""
        ...

    def get(self, digest: str) -> bytes:
        """The bytes, checked against the digest; raises PermanentPortError when missing or damaged."""
        ...


class ExportStore(Protocol):
    """Where `export` steps write."""

    def write(self, execution_id: str, file: str, data: bytes) -> None:
        """Write the whole file or nothing; the same bytes again are no error. Raises PermanentPortError."""
        ...


class LedgerStore(Protocol):
    """The append-only record. One writer at a time; readers at any time."""

    def append(self, build: Callable[[Head], Sequence[Draft]]) -> list[Entry]:
        """In one write-locked, durable transaction: read the head, let `build(head)` make drafts, insert them chained.

        Either all entries are there afterwards or none. Raises LedgerError, LedgerConflictError.
        """
        ...

    def entries(self, execution_id: str | None = None, kind: str | None = None) -> list[Entry]:
        """Entries in order: all, or those of one execution, or those of one kind."""
        ...

    def fired(self, schedule_id: str) -> str | None:
        """The newest nominal time for which that schedule started an execution."""
        ...

    def touched(self, after: int) -> tuple[list[str], int]:
        """The executions with an entry behind number `after`, in the order of their first, and the last number."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


class Mailer(Protocol):
    """A mail server that takes messages on."""

    async def send(self, message: MailMessage, contents: Sequence[bytes] = ()) -> None:
        """Return when the server has accepted the message for every recipient, and only then; else for none of them.

        `contents` are the bytes of its attachments, in their order.

        Raises TransientPortError for a server that cannot be reached, speaks no TLS where it must, does not answer in
        time, or replies 4xx; PermanentPortError for a reply 5xx. No message of theirs holds the password.
        """
        ...


class Chat(Protocol):
    """A chat channel that takes messages on."""

    async def post(self, message: ChatMessage) -> None:
        """Return when the message was accepted (HTTP 2xx), and only then.

        Raises TransientPortError for a service that cannot be reached or does not answer in time, for 408, 429 and
        5xx; PermanentPortError for any other status. No message of theirs holds the address, which is a secret.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@dataclass(frozen=True)
class Outgoing:
    """A message of the outbox; times are those of the Clock.

    `attempts` were begun, the first at `first_at`; `next_at` is when it is due, None at once. `state` is pending, sent
    or dead.
    """

    message: Message
    attempts: int
    first_at: str | None
    next_at: str | None
    last_error: str
    state: str = "pending"


class Outbox(Protocol):
    """Messages on their way, durably; each is pending, sent or dead. Raises DataFolderError."""

    def put(self, messages: Sequence[Message], cursor: int) -> None:
        """In one transaction: keep those whose id is new, pending and due at once, and move the cursor to `cursor`.

        The cursor never goes back, so what was told once is not told again.
        """
        ...

    def find(self, message_id: str) -> Outgoing | None:
        """The message that was put first under that id, whatever its state."""
        ...

    def cursor(self) -> int:
        """Number of the ledger's last entry that was turned into messages; 0 at first."""
        ...

    def due(self, now: str) -> list[Outgoing]:
        """Pending messages that are due, in the order in which they were put."""
        ...

    def claim(self, message_id: str, now: str, until: str) -> bool:
        """Begin an attempt, unless the message is not due any more: False, somebody else has begun one.

        It is due again at `until` when neither `sent` nor `failed` follows, as after a crash.
        """
        ...

    def sent(self, message_id: str, at: str) -> None:
        """The receiver accepted the message at that time."""
        ...

    def failed(self, message_id: str, error: str, next_at: str | None) -> None:
        """The attempt failed; try again at `next_at`, or never: None makes it dead."""
        ...

    def pending(self) -> list[Outgoing]:
        """All pending messages, due or not, in the order in which they were put."""
        ...

    def dead(self) -> list[Outgoing]:
        """The messages that were given up."""
        ...

    def retry_dead(self) -> int:
        """Make all dead messages pending and due at once, as if never tried; how many."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...
