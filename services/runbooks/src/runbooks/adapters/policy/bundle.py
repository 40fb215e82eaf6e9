"""Policy bundles as folders: what `opa run --bundle` serves, and how two bundles differ.

The revision of a served bundle is its digest (spec/provers.md, 2), so an answer that names it comes from exactly
these policies and data.
"""

from __future__ import annotations

__all__ = ["Change", "bundle_changes", "write_opa_bundle"]

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbooks.canonical import digest, digest_of, dumps, pointer_to
from runbooks.errors import SettingsError

_MANIFEST = ".manifest"

Bundle = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One place where two bundles differ: a module's path or `data` with a JSON Pointer; what is None is not there."""

    place: str
    old: str | None
    new: str | None


def write_opa_bundle(folder: Path, bundle: Bundle) -> str:
    """Make `folder` hold this bundle and nothing else; its revision. Raises SettingsError for a folder of other things.

    A folder that is there already is replaced as a whole: whatever stayed in it would be served.
    """
    if folder.exists() and not (folder / _MANIFEST).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} is no bundle; give a new or empty folder, or a bundle to replace")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".bundle-") as scratch:
        made = Path(scratch) / "new"
        made.mkdir()
        for name, data in _files(bundle).items():
            (made / name).write_bytes(data)
        if folder.exists():
            folder.rename(Path(scratch) / "old")
        made.rename(folder)
    return digest_of(bundle)


def bundle_changes(old: Bundle, new: Bundle) -> list[Change]:
    """The modules that are not the same bytes, then the places of the data that are not the same value."""
    paths = sorted(old["modules"].keys() | new["modules"].keys())
    texts = ((path, old["modules"].get(path), new["modules"].get(path)) for path in paths)
    found = [Change(path, _digest(before), _digest(after)) for path, before, after in texts if before != after]
    return found + [
        Change(f"data{pointer}", before, after) for pointer, before, after in _differences((), old["data"], new["data"])
    ]


def _files(bundle: Bundle) -> dict[str, bytes]:
    modules = {
        f"{number:05d}-{re.sub('[^A-Za-z0-9_-]', '_', path.removesuffix('.rego'))[:80]}.rego": text.encode()
        for number, (path, text) in enumerate(sorted(bundle["modules"].items()))
    }
    # All roots: nobody can add a policy or data to the server beside the bundle.
    manifest = {"revision": digest_of(bundle), "roots": [""], "rego_version": 1}
    return {**modules, "data.json": dumps(bundle["data"]), _MANIFEST: dumps(manifest)}


def _differences(path: tuple[str, ...], old: Any, new: Any) -> Iterator[tuple[str, str | None, str | None]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if name not in old or name not in new:
                yield pointer_to((*path, name)), _text(old, name), _text(new, name)
            else:
                yield from _differences((*path, name), old[name], new[name])
    elif dumps(old) != dumps(new):
        yield pointer_to(path), json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)


def _text(members: Mapping[str, Any], name: str) -> str | None:
    return json.dumps(members[name], ensure_ascii=False) if name in members else None


def _digest(text: str | None) -> str | None:
    return None if text is None else digest(text.encode())
