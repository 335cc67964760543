"""How well one list of figures follows another."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """Linear correlation of two lists; NaN where one of them is constant or has fewer than 3."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Correlation of the ranks; equal figures share their mean rank."""
    return pearson(rankdata(x), rankdata(y))


def slice_dice(truth: np.ndarray, labels: np.ndarray, structure: int) -> np.ndarray:
    """Dice of each slice of label maps [slices, rows, columns]; NaN where both are empty."""
    a, b = truth == structure, labels == structure
    size = a.sum((1, 2)) + b.sum((1, 2))
    return np.where(size > 0, 2 * (a & b).sum((1, 2)) / np.maximum(size, 1), np.nan)


def found_share(expected: np.ndarray, wrong: np.ndarray) -> float:
    """Wrong voxels of the slice with most expected ones over those of the truly worst slice; NaN
    where nothing is wrong."""
    return float(wrong[expected.argmax()] / wrong.max()) if wrong.any() else float("nan")


def calibration(confidence: np.ndarray, dice: np.ndarray) -> list[tuple[str, int, float]]:
    """Range of confidence, slices in it, and their mean Dice."""
    place = np.clip(np.digitize(confidence, BINS) - 1, 0, len(BINS) - 2)
    found = []
    for n in range(len(BINS) - 1):
        here = dice[place == n]
        mean = float(here.mean()) if len(here) else float("nan")
        found.append((f"{BINS[n]:.1f} to {BINS[n + 1]:.1f}", len(here), mean))
    return found
