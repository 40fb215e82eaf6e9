"""Puts the demo data, or the small sample, into an installation's graph and maps the demo's endpoints."""

from __future__ import annotations

__all__ = ["import_into"]

from runbooks.canonical import dumps
from runbooks.demo.load import load_demo, load_seed_sample
from runbooks.service import locked, open_graph_of
from runbooks.settings import Settings

_ENDPOINTS = {"https://api.example.com": "demo:", "https://attack.example.com": "demo:"}


async def import_into(settings: Settings, *, sample: bool) -> list[str]:
    """Lines that say what was imported. Importing again restores the graph as it was.

    A data folder without `settings.json` gets one in which the demo's endpoints lead to the local service.
    """
    with locked(settings.home):
        path = settings.home / "settings.json"
        if not path.exists():
            path.write_bytes(dumps({"endpoints": _ENDPOINTS}))
        graph = await open_graph_of(settings)
        try:
            counts = await (load_seed_sample(graph) if sample else load_demo(graph))
        finally:
            await graph.close()
    return [f"{name:<16} {number:>7,}" for name, number in counts.items()] + [f"data folder      {settings.home}"]
