"""The model's in-plane resolution: there and exactly back.

A slice of a volume becomes isotropic in its plane, its longer side about ``side`` pixels, padded
to a multiple of 32. Both ways are products with two small matrices, which is bilinear resampling
at any scale in one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

SIDE = 256
MULTIPLE = 32
MOST_ENLARGED = 3.0
KEEP = (0.8, 1.25)
"""Scales in this range are not worth a resampling: the slice is taken as it is."""


@dataclass(frozen=True)
class WorkGrid:
    """``rows`` x ``columns`` of a slice against ``height`` x ``width`` padded work pixels.

    ``scale`` is work pixels per slice pixel, along rows and columns.
    """

    rows: int
    columns: int
    height: int
    width: int
    scale: tuple[float, float]

    @classmethod
    def fit(cls, rows: int, columns: int, spacing: tuple[float, float]) -> WorkGrid:
        """The grid for slices of ``rows`` x ``columns`` pixels of ``spacing`` mm."""
        longest = max(rows * spacing[0], columns * spacing[1])
        pixel = max(longest / SIDE, min(spacing) / MOST_ENLARGED)
        scale = (spacing[0] / pixel, spacing[1] / pixel)
        if all(KEEP[0] <= s <= KEEP[1] for s in scale):
            scale = (1.0, 1.0)
        height, width = (
            MULTIPLE * max(1, -(-round(n * s) // MULTIPLE))
            for n, s in zip((rows, columns), scale, strict=True)
        )
        return cls(rows, columns, height, width, scale)

    @property
    def covered(self) -> tuple[int, int]:
        """Rows and columns of the masks [height/2, width/2] that lie in the slice."""
        rows, columns = round(self.rows * self.scale[0]), round(self.columns * self.scale[1])
        return (rows + 1) // 2, (columns + 1) // 2

    def to_work(self, slices: Tensor) -> Tensor:
        """Intensities [N, rows, columns] -> [N, height, width]; padding is 0."""
        if self.scale == (1.0, 1.0):
            work = slices.new_zeros(len(slices), self.height, self.width)
            work[:, : self.rows, : self.columns] = slices
            return work
        down = _resampling(self.rows, self.height, self.scale[0]).to(slices)
        across = _resampling(self.columns, self.width, self.scale[1]).to(slices)
        return down @ slices @ across.T

    def to_slices(self, masks: Tensor) -> Tensor:
        """Masks [..., height/2, width/2] -> [..., rows, columns], bilinear."""
        down = _resampling(self.height // 2, self.rows, 2 / self.scale[0]).to(masks)
        across = _resampling(self.width // 2, self.columns, 2 / self.scale[1]).to(masks)
        return down @ masks @ across.T

    def marks_to_work(self, marks: np.ndarray) -> np.ndarray:
        """Marks uint8 [rows, columns] -> [height, width].

        Every mark survives: shrinking keeps the highest value that meets in a pixel (a structure
        before the background).
        """
        work = np.zeros((self.height, self.width), np.uint8)
        inside = marks
        for axis, scale in enumerate(self.scale):
            n = marks.shape[axis]
            if scale >= 1:
                source = ((np.arange(round(n * scale)) + 0.5) / scale).astype(int)
                inside = inside.take(np.minimum(source, n - 1), axis)
            else:
                target = ((np.arange(n) + 0.5) * scale).astype(int)
                target = np.minimum(target, work.shape[axis] - 1)
                inside = np.maximum.reduceat(inside, np.unique(target, return_index=True)[1], axis)
        work[: inside.shape[0], : inside.shape[1]] = inside
        return work


@lru_cache(maxsize=64)
def _resampling(source: int, target: int, scale: float) -> Tensor:
    """[target, source] weights; target pixel t lies at (t + 0.5) / scale of the source.

    Triangle filter, widened when shrinking, so that nothing is skipped. Pixels beyond the source
    repeat its border within half a pixel and are 0 farther out.
    """
    place = (torch.arange(target, dtype=torch.float64) + 0.5) / scale - 0.5
    reach = max(1.0, 1 / scale)
    distance = (place[:, None].clamp(0, source - 1) - torch.arange(source)).abs() / reach
    weight = (1 - distance).clamp(min=0)
    weight = weight / weight.sum(1, keepdim=True)
    outside = (place < -0.5) | (place > source - 0.5 + 1e-9)
    return torch.where(outside[:, None], 0.0, weight).float()
