"""Reports as PDF by typst: in a child process, from templates of a folder, the same bytes every time."""

from __future__ import annotations

__all__ = ["TypstReports"]

from runbooks.adapters.reports.typst_reports import TypstReports
