"""From events to ledger entries and back.

A member of an event that is larger than the inline limit lies in the blob store, and the entry names
its digest: the ledger stays small and its chain still covers every byte.
"""

from __future__ import annotations

__all__ = ["Recorder"]

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from runbooks.canonical import dumps, loads
from runbooks.definition import Definition, parse_definition
from runbooks.derivation import Materials
from runbooks.errors import IllegalTransitionError, LedgerError, TamperedRecordError, UnknownExecutionError
from runbooks.events import Event, ExecutionStarted, from_body, to_body
from runbooks.ledger import Draft, Entry, Head, require_intact
from runbooks.ports import BlobStore, LedgerStore
from runbooks.schema import shape_problems

_INLINE_LIMIT = 65_536
_KEPT_MATERIALS = 16
_LARGE_MEMBERS = frozenset({"outputs", "metrics", "parameters"})
# What an execution's own entries cannot tell.
_MISSING = "an entry of it is missing or was added; `runbooks fsck` says which, and a backup has the record of then"


class Recorder:
    """Writes and reads the events of executions."""

    def __init__(self, ledger: LedgerStore, blobs: BlobStore) -> None:
        self._ledger = ledger
        self._blobs = blobs
        # By their digests, so what is kept cannot grow old; many executions start with the same.
        self._materials: OrderedDict[bytes, Materials] = OrderedDict()

    def record(
        self, runbook_id: str, execution_id: str | None, make: Callable[[Head], Sequence[Event]]
    ) -> Sequence[Event]:
        """Append the events that `make` makes from the ledger's head, all in one transaction inside the write lock.

        Without an `execution_id` the first event must be the one that opens an execution.
        """
        made: list[Event] = []

        def build(head: Head) -> Sequence[Draft]:
            made.extend(make(head))
            opening = made[0]
            name = execution_id or (opening.execution_id if isinstance(opening, ExecutionStarted) else "")
            return [self._draft(name, runbook_id, event) for event in made]

        self._ledger.append(build)
        return made

    def store_materials(self, materials: Materials) -> dict[str, Any]:
        """Store what the execution starts with; the digests as the context names them."""
        return {
            "runbookDigest": self._blobs.put(materials.definition.raw),
            "provers": self._blobs.put(dumps(materials.provers)),
            "policies": self._blobs.put(dumps(materials.policies)),
            "licences": self._blobs.put(dumps(materials.licences)),
            "models": {name: self._blobs.put(dumps(model)) for name, model in materials.models.items()},
        }

    def load(self, execution_id: str) -> tuple[Materials, list[Event], str]:
        """The materials, the events and the hash of the opening entry; raises UnknownExecutionError, LedgerError,
        TamperedRecordError.
        """
        materials, entries, events = self._load(execution_id)
        return materials, events, entries[0].entry_hash

    def history(self, execution_id: str) -> tuple[Materials, list[tuple[int, Event]]]:
        """The materials, and the events with the numbers of their entries; raises as `load` does."""
        materials, entries, events = self._load(execution_id)
        return materials, [(entry.seq, event) for entry, event in zip(entries, events, strict=True)]

    def _load(self, execution_id: str) -> tuple[Materials, list[Entry], list[Event]]:
        entries = self._ledger.entries(execution_id)
        if not entries:
            raise UnknownExecutionError(f"no execution {execution_id} in this ledger; `runbooks status` lists them")
        events = [self._event(entry) for entry in entries]
        started = events[0]
        if not isinstance(started, ExecutionStarted):
            raise TamperedRecordError(f"execution {execution_id} has no start in the ledger; {_MISSING}")
        return self._materials_of(started.context), entries, events

    def require_intact(self, execution_id: str) -> None:
        """Raise TamperedRecordError when an entry of that execution is not what was recorded."""
        require_intact(self._ledger.entries(execution_id))

    @contextmanager
    def reading(self, execution_id: str) -> Iterator[None]:
        """Around what is made of its record: raises TamperedRecordError where that is why something cannot be made."""
        try:
            yield
        except IllegalTransitionError as error:
            self.require_intact(execution_id)
            message = f"execution {execution_id}: what is recorded of it cannot have happened: {error}; {_MISSING}"
            raise TamperedRecordError(message) from error
        except Exception:
            self.require_intact(execution_id)
            raise

    def _materials_of(self, context: Mapping[str, Any]) -> Materials:
        names = ("runbookDigest", "provers", "policies", "licences")
        models = context.get("models", {})
        key = dumps([*(context[name] for name in names), models])
        if key not in self._materials:
            registries = (loads(self._blobs.get(context[name])) for name in names[1:])
            self._materials[key] = Materials(
                self.definition(context["runbookDigest"]),
                **dict(zip(names[1:], registries, strict=True)),
                models={name: loads(self._blobs.get(digest)) for name, digest in models.items()},
            )
            if len(self._materials) > _KEPT_MATERIALS:
                self._materials.popitem(last=False)
        self._materials.move_to_end(key)
        return self._materials[key]

    def definition(self, digest: str) -> Definition:
        """The definition of executions that pinned it; raises PermanentPortError when it is not there."""
        return parse_definition(self._blobs.get(digest), shape_problems)

    def started(self) -> list[ExecutionStarted]:
        """The openings of all executions, oldest first."""
        found = (self._event(entry) for entry in self._ledger.entries(kind="ExecutionStarted"))
        return [event for event in found if isinstance(event, ExecutionStarted)]

    def children(self) -> dict[str, str]:
        """The ids of the executions that steps of others began, by the key of the effect."""
        bodies = (loads(entry.draft.body)["members"] for entry in self._ledger.entries(kind="ExecutionStarted"))
        return {body["parent"]["key"]: body["execution_id"] for body in bodies if body.get("parent")}

    def reviewed(self) -> list[str]:
        """The ids of the executions in which people were asked, in the order in which they first were."""
        return list(dict.fromkeys(entry.draft.execution_id for entry in self._ledger.entries(kind="ReviewOpened")))

    def statements(self, after: int) -> list[tuple[int, Mapping[str, Any]]]:
        """What was said in reviews behind entry number `after`: (number of the entry, statement), in order."""
        found = [
            (entry.seq, loads(entry.draft.body)["members"]["statement"])
            for kind in ("ReviewOpened", "ReviewDecided")
            for entry in self._ledger.entries(kind=kind)
            if entry.seq > after
        ]
        return sorted(found, key=lambda item: item[0])

    def _draft(self, execution_id: str, runbook_id: str, event: Event) -> Draft:
        members = to_body(event)
        blobs = {}
        for name in _LARGE_MEMBERS & members.keys():
            data = dumps(members[name])
            if len(data) > _INLINE_LIMIT:
                blobs[name] = self._blobs.put(data)
                del members[name]
        body = dumps({"members": members, "blobs": blobs})
        return Draft(execution_id, runbook_id, type(event).__name__, members.get("step_id"), body)

    def _event(self, entry: Entry) -> Event:
        body: dict[str, Any] = loads(entry.draft.body)
        stored = {name: loads(self._blobs.get(name_digest)) for name, name_digest in body["blobs"].items()}
        try:
            return from_body(entry.draft.kind, {**body["members"], **stored})
        except (KeyError, TypeError) as error:
            message = f"ledger entry {entry.seq} is of no kind that this version knows: {error}"
            raise LedgerError(message, code="ledger.record") from None
