"""How sure a session is: the expected Dice of its masks, and the errors that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # The annotation, which knows no torch, asks for expected errors, too.
    from torch import Tensor

OFFSET, JUDGED, CLEAR = -0.26, 0.69, 0.57
"""Least squares through 10,882 slices of simulated sessions (five rounds) on Dataset001 and 002."""


def expected_dice(masks: Tensor, judged: Tensor) -> Tensor:
    """Expected Dice [K] of the ``masks`` [K, h, w] (0..1) of a slice.

    ``judged`` [K] is what the network expects of its own step. It does not know that runs disagree
    or fade: then their fused mask is blurred, and has little overlap with what it shows (> 0.5).
    """
    shown = (masks > 0.5).to(masks)
    both = (masks * shown).sum((1, 2))
    total = (masks + shown).sum((1, 2))
    clear = 2 * both / total.clamp(min=1)
    return (OFFSET + JUDGED * judged + CLEAR * clear).clamp(0, 1)


def expected_errors(labels: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Voxels of each slice of ``labels`` [slices, rows, columns] that are probably wrong, [slices].

    ``confidence`` [slices, K] is the expected Dice, or NaN: nothing to doubt. What a slice shows
    of a structure may be too much; what only a neighbour shows there may be missing.
    """
    many = confidence.shape[1] + 1
    shown = np.stack([np.bincount(plane.ravel(), minlength=many) for plane in labels])
    missing = np.zeros_like(shown)
    for z in range(1, len(labels)):
        below, above = labels[z - 1], labels[z]
        differ = below != above
        for place, beside in ((z, below), (z - 1, above)):
            only = np.bincount(beside[differ], minlength=many)
            missing[place] = np.maximum(missing[place], only)
    return ((shown + missing)[:, 1:] * (1 - np.nan_to_num(confidence, nan=1.0))).sum(1)
