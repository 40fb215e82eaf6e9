"""Puts the built console into the wheel, beside the other shipped folders; one that is not built is left out."""

from __future__ import annotations

__all__ = ["ConsoleHook"]

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):
    """See hatchling's build hooks."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of `apps/web/dist`; an editable install reads them where they are."""
        if version == "editable":
            return
        built = Path(self.root).parents[1] / "apps" / "web" / "dist"
        if not (built / "index.html").exists():
            self.app.display_warning(f"{built}: not built, so the wheel has no console; run `make wheel`")
            return
        build_data["force_include"][str(built)] = "runbooks/shipped/console"
