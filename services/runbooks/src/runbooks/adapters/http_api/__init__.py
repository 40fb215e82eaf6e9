"""External APIs over HTTP: only what the installation allows, and only at addresses that were looked at (ADR 13)."""

from __future__ import annotations

__all__ = ["Endpoint", "MappedHttpApi", "read_endpoints"]

from runbooks.adapters.http_api.client import MappedHttpApi
from runbooks.adapters.http_api.endpoints import Endpoint, read_endpoints
