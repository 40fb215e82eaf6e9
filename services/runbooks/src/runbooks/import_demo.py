"""Puts the demo data, or the small sample, into an installation's graph and maps the demo's endpoints."""

from __future__ import annotations

__all__ = ["import_into"]

from runbooks.canonical import dumps
from runbooks.demo.load import load_demo, load_seed_sample
from runbooks.service import locked, open_graph_of
from runbooks.settings import Settings

_ENDPOINTS = {"https://api.example.com": "demo:", "https://attack.example.com": "demo:"}


async def import_into(settings: Settings, *, sample: bool, copies: int = 1) -> list[str]:
    """Lines that say what was imported. Importing again restores the graph as it was.

    A data folder without `settings.json` gets one in which the demo's endpoints lead to the local service, and which
    names this graph: what runs or resumes here later must find what was imported.
    """
    with locked(settings.home):
        graph = await open_graph_of(settings)
        try:
            _write_settings(settings)
            counts = await (load_seed_sample(graph) if sample else load_demo(graph, copies=copies))
        finally:
            await graph.close()
    return [f"{name:<16} {number:>7,}" for name, number in counts.items()] + [f"data folder      {settings.home}"]


def _write_settings(settings: Settings) -> None:
    path = settings.home / "settings.json"
    if not path.exists():
        graph = {} if settings.graph == Settings.graph else {"graph": settings.graph, "graph_user": settings.graph_user}
        path.write_bytes(dumps({"endpoints": _ENDPOINTS, **graph}))
