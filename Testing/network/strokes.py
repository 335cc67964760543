"""Marks that the tests of both classifiers fit: a stroke in the dark half, one in the bright."""

from __future__ import annotations

import torch

SIDE = 64
STROKES = (1, slice(8, 24), slice(4, 12)), (2, slice(8, 24), slice(44, 52))


def strokes(*places: tuple[int, slice, slice]) -> torch.Tensor:
    """Marks uint8 [1, SIDE, SIDE] of ``places`` (value, rows, columns)."""
    marks = torch.zeros(1, SIDE, SIDE, dtype=torch.uint8)
    for value, rows, columns in places:
        marks[0, rows, columns] = value
    return marks
