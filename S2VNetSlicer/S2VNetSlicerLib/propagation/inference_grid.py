"""The model's in-plane resolution: there and exactly back.

What a slice shows of the body becomes isotropic in its plane, its longer side about
``GridSettings.side`` pixels, padded to a multiple of 32; the air around it, where pixels would be
wasted, is left out. Both ways are products with two small matrices, which is bilinear resampling at
any scale in one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..network.dense_decoder import upsample_2x
from .settings import GridSettings

MULTIPLE = 32
"""The coarsest stride of the network."""
DEFAULT = GridSettings()

Box = tuple[slice, slice]


@dataclass(frozen=True)
class InferenceGrid:
    """``rows`` x ``columns`` of a slice against ``height`` x ``width`` padded work pixels.

    They begin at (``top``, ``left``) of slices of ``shape``. ``scale`` is work pixels per slice
    pixel, along rows and columns.
    """

    shape: tuple[int, int]
    top: int
    left: int
    rows: int
    columns: int
    height: int
    width: int
    scale: tuple[float, float]

    @classmethod
    def fit(
        cls,
        shape: tuple[int, int],
        spacing: tuple[float, float],
        box: Box | None = None,
        settings: GridSettings | None = None,
    ) -> InferenceGrid:
        """The grid for the ``box`` (None: all) of slices of ``shape`` pixels of ``spacing`` mm."""
        settings = settings or GridSettings()
        top, left, rows, columns = 0, 0, *shape
        if box is not None:
            (top, bottom), (left, right) = ((part.start, part.stop) for part in box)
            rows, columns = bottom - top, right - left
        longest = max(rows * spacing[0], columns * spacing[1])
        pixel = max(longest / settings.side, min(spacing) / settings.max_enlarged)
        scale = (spacing[0] / pixel, spacing[1] / pixel)
        if all(settings.keep_scale[0] <= s <= settings.keep_scale[1] for s in scale):
            scale = (1.0, 1.0)
        height, width = (
            MULTIPLE * max(1, -(-round(n * s) // MULTIPLE))
            for n, s in zip((rows, columns), scale, strict=True)
        )
        return cls(shape, top, left, rows, columns, height, width, scale)

    @property
    def box(self) -> Box:
        """The part of a slice that the grid shows."""
        return slice(self.top, self.top + self.rows), slice(self.left, self.left + self.columns)

    def to_grid(self, slices: Tensor) -> Tensor:
        """Slices [N, *shape] -> [N, height, width]; padding is 0."""
        slices = slices[:, *self.box]
        if self.scale == (1.0, 1.0):
            work = slices.new_zeros(len(slices), self.height, self.width)
            work[:, : self.rows, : self.columns] = slices
            return work
        down = resampling(self.rows, self.height, self.scale[0]).to(slices)
        across = resampling(self.columns, self.width, self.scale[1]).to(slices)
        return down @ slices @ across.T

    def to_slices(self, masks: Tensor) -> Tensor:
        """Masks [..., height/2, width/2] -> [..., *shape], bilinear; 0 outside the box."""
        if self.scale == (1.0, 1.0):
            flat = upsample_2x(masks.reshape(1, -1, *masks.shape[-2:]))
            inside = flat.view(*masks.shape[:-2], self.height, self.width)
            inside = inside[..., : self.rows, : self.columns]
        else:
            down = resampling(self.height // 2, self.rows, 2 / self.scale[0]).to(masks)
            across = resampling(self.width // 2, self.columns, 2 / self.scale[1]).to(masks)
            inside = down @ masks @ across.T
        if (self.rows, self.columns) == self.shape:
            return inside
        below, right = (
            self.shape[0] - self.top - self.rows,
            self.shape[1] - self.left - self.columns,
        )
        return F.pad(inside, (self.left, right, self.top, below))

    def to_labels(self, masks: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Masks [K, height/2, width/2] in 0..1 -> labels uint8 of a slice, and the mask of the
        likeliest structure of each pixel, float32."""
        if float(masks.sum(0).max()) <= 0.5:  # Nothing can outweigh the background.
            return np.zeros(self.shape, np.uint8), np.zeros(self.shape, np.float32)
        whole = self.to_slices(masks)
        best, many = whole.amax(0), len(whole)
        # The first of those that lead; on a processor ``max`` takes five times as long to find it.
        falling = torch.arange(many, 0, -1, dtype=torch.uint8, device=whole.device)
        leads = (whole == best).view(torch.uint8) * falling[:, None, None]
        label = (many + 1 - leads.amax(0)) * (best > 1 - whole.sum(0))
        return label.cpu().numpy(), best.float().cpu().numpy()

    def marks_to_grid(self, marks: np.ndarray) -> np.ndarray:
        """Marks uint8 of ``shape`` -> [height, width].

        Every mark in the box survives: shrinking keeps the highest value that meets in a pixel (a
        structure before the background).
        """
        work = np.zeros((self.height, self.width), np.uint8)
        inside = marks[self.box]
        for axis, scale in enumerate(self.scale):
            n = inside.shape[axis]
            if scale >= 1:
                source = ((np.arange(round(n * scale)) + 0.5) / scale).astype(int)
                inside = inside.take(np.minimum(source, n - 1), axis)
            else:
                target = ((np.arange(n) + 0.5) * scale).astype(int)
                target = np.minimum(target, work.shape[axis] - 1)
                inside = np.maximum.reduceat(inside, np.unique(target, return_index=True)[1], axis)
        work[: inside.shape[0], : inside.shape[1]] = inside
        return work


def foreground_box(
    slices: np.ndarray, window: tuple[float, float], settings: GridSettings = DEFAULT
) -> Box | None:
    """The box around all that is no air in ``slices`` [n, rows, columns] (raw intensities, seen
    through ``window``), or None where it would save too little of a slice."""
    if not settings.crop:
        return None
    solid = slices > window[0] + settings.air / 255 * (window[1] - window[0])
    parts = []
    for axis in (1, 2):
        share = solid.mean((0, 3 - axis))
        found = np.flatnonzero(share > settings.specks)
        if not len(found):
            return None
        low, high = int(found[0]) - settings.margin, int(found[-1]) + 1 + settings.margin
        parts.append(slice(max(0, low), min(slices.shape[axis], high)))
    area = (parts[0].stop - parts[0].start) * (parts[1].stop - parts[1].start)
    return (parts[0], parts[1]) if area < (1 - settings.min_saved) * solid[0].size else None


def is_empty(seen: np.ndarray, settings: GridSettings = DEFAULT) -> bool:
    """Whether a slice of 0..255 shows no body."""
    return bool((seen > settings.air).mean() < settings.specks)


@lru_cache(maxsize=64)
def resampling(source: int, target: int, scale: float) -> Tensor:
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
