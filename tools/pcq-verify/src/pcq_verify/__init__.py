"""Verifies .pcq manifests offline, from spec/ alone; it shares no code with the service that writes them."""

from __future__ import annotations

__all__ = ["Expectations", "Fault", "Report", "Status", "__version__", "verify"]

from pcq_verify.report import Fault, Report, Status
from pcq_verify.verifier import Expectations, verify

__version__ = "0.1.0"
