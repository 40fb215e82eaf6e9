"""Samples into Markdown tables: median, spread, and ratios taken round by round.

A ratio is taken between two samples of one round, which lie seconds apart, and then the median over the
rounds: a machine that is slow for a minute is slow for both.
"""

from __future__ import annotations

__all__ = ["median_and_spread", "ratios", "table"]

from collections.abc import Sequence
from statistics import median


def median_and_spread(values: Sequence[float], digits: int = 0) -> str:
    """`median (least to most)`."""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def ratios(values: Sequence[float], bases: Sequence[float]) -> str:
    """Median and spread of value/base over the rounds."""
    return median_and_spread([value / base for value, base in zip(values, bases, strict=True)], 2)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are figures."""
    rule = ["---", *["---:" for _ in heads[1:]]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows))
