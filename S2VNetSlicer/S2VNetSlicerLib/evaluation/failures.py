"""Which cases to show: spread over the scores, and the failures that the method's authors name.

Cases are picked by score alone, so that nobody's choice makes a figure look better or worse. The
authors of S2VNet name two limits: small objects and indistinct boundaries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

import numpy as np

from .scoring import Row

SHARE = 0.25
"""The smallest, or least distinct, share of all structures in which failures are looked for."""


def spread(rows: Sequence[Row], count: int) -> list[str]:
    """``count`` cases at even ranks of mean Dice, best first, worst last."""
    by_case: dict[str, list[float]] = {}
    for row in rows:
        if not isnan(row.score.dice):
            by_case.setdefault(row.case, []).append(row.score.dice)
    ranked = sorted(by_case, key=lambda case: (-float(np.mean(by_case[case])), case))
    if not ranked:
        return []
    ranks = np.unique(np.linspace(0, len(ranked) - 1, count).round().astype(int))
    return [ranked[rank] for rank in ranks.tolist()]


def small_objects(rows: Sequence[Row], count: int) -> list[Row]:
    """The lowest Dice among the smallest structures (reference volume)."""
    return _worst(rows, count, lambda row: row.ml)


def indistinct_boundaries(rows: Sequence[Row], count: int) -> list[Row]:
    """The lowest Dice among the structures with the lowest contrast across their boundary."""
    return _worst(rows, count, lambda row: row.contrast)


def _worst(rows: Sequence[Row], count: int, size: Callable[[Row], float]) -> list[Row]:
    there = [row for row in rows if row.score.reference and not isnan(size(row))]
    there.sort(key=size)
    candidates = there[: max(count, round(SHARE * len(there)))]
    return sorted(candidates, key=lambda row: (row.score.dice, row.case, row.structure))[:count]
