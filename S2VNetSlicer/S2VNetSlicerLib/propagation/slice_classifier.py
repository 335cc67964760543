"""A volume read slice by slice for the predefined classes, in one way or in two that cross."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..volumes.intensities import normalise_slice
from .inference_grid import InferenceGrid, foreground_box, is_empty
from .settings import AutomaticSettings, GridSettings

DEFAULT = AutomaticSettings()
GRID = GridSettings()
TOGETHER = 4
"""Slices recognised at once."""


class SliceClassifier:
    """What is seen in slices [n, rows, columns] ``image`` (raw, of ``spacing`` mm, intensities
    ``window`` are 0 and 255) of background and classes, by ``likely``: work slices [N, H, W] ->
    probabilities [N, K+1, H/2, W/2].

    ``kept`` are logarithms in 0..255 at stride 2 of the work grid, of the slices ``at``; nothing
    where all of these show only air.
    """

    def __init__(
        self,
        image: np.ndarray,
        spacing: list[float],
        window: tuple[float, float],
        likely: Callable[[Tensor], Tensor],
        settings: AutomaticSettings = DEFAULT,
        grid: GridSettings = GRID,
    ) -> None:
        self.settings, self.floor, self.air = settings, settings.min_probability, grid
        self.image, self.window, self.likely = image, window, likely
        box = foreground_box(
            image[:: max(1, len(image) // 64)], window, replace(grid, min_saved=0.0)
        )
        across = (spacing[1], spacing[2])
        self.grid = InferenceGrid.fit(
            (image.shape[1], image.shape[2]), across, box, replace(grid, side=settings.side)
        )
        self.step = max(1, round(settings.spacing_mm / spacing[0]))
        self.at = range(0, len(image), self.step)
        self.kept = torch.zeros(0)

    def read(self, device: torch.device) -> Iterator[int]:
        """Yields how many slices are done."""
        for first in range(0, len(self.at), TOGETHER):
            here = list(self.at)[first : first + TOGETHER]
            block = normalise_slice(self.image[here], self.window).astype(np.float32)
            shown = np.array([not is_empty(slice_, self.air) for slice_ in block])
            with torch.inference_mode():
                if shown.any():
                    work = self.grid.to_grid(torch.from_numpy(block[shown])).to(device)
                    found = _packed(self.likely(work), self.floor)
                    if not len(self.kept):
                        nothing = _packed(torch.eye(found.shape[1])[:1, :, None, None], self.floor)
                        size = (len(self.at), *found.shape[1:])
                        self.kept = nothing.expand(size).clone()
                    self.kept[np.array(range(first, first + len(here)))[shown]] = found
            yield first + len(here)

    def slice(self, z: int) -> Tensor:
        """Logarithms of the probabilities in slice ``z``, [K+1, H/2, W/2]."""
        before, share = divmod(z / self.step, 1)
        low = int(before)
        high = min(low + 1, len(self.at) - 1)
        return self.unpacked(self.kept[low]).lerp(self.unpacked(self.kept[high]), share)

    def unpacked(self, kept: Tensor) -> Tensor:
        """What is kept -> logarithms."""
        return (1 - kept.float() / 255) * math.log(self.floor)


class AxialCoronalFusion:
    """A volume read in ``axial`` slices, bottom first, and, if given, in ``coronal`` ones, back
    first, with rows to the back or down and columns alike: their errors differ."""

    def __init__(self, axial: SliceClassifier, coronal: SliceClassifier | None) -> None:
        self.axial, self.coronal = axial, coronal
        self.anything = len(axial.kept) > 0
        """Whether there was anything but air."""
        if coronal is None or not len(coronal.kept):
            self.coronal = None
            return
        one, other = axial.grid, coronal.grid
        rows = one.top + (np.arange(one.height // 2) + 0.5) * 2 / one.scale[0] - 0.5
        columns = one.left + (np.arange(one.width // 2) + 0.5) * 2 / one.scale[1] - 0.5
        back_first = len(coronal.image) - 1 - rows
        self.rows = _between(back_first / coronal.step, len(coronal.at))
        place = (columns - other.left + 0.5) * other.scale[1] / 2 - 0.5
        self.columns = _between(place, other.width // 2)

    def slice(self, z: int) -> Tensor:
        """Probabilities [K+1, H/2, W/2] on the work grid of axial slice ``z``."""
        seen = self.axial.slice(z)
        if self.coronal is not None:
            grid, kept = self.coronal.grid, self.coronal.kept
            row = len(self.axial.image) - 1 - z - grid.top
            down = _between(np.array([(row + 0.5) * grid.scale[0] / 2 - 0.5]), grid.height // 2)[0]
            here = torch.nonzero(down)[:, 0]
            plane = torch.einsum("nchw,h->cnw", self.coronal.unpacked(kept[:, :, here]), down[here])
            seen = (seen + self.rows @ plane @ self.columns.T) / 2
        return seen.softmax(0)


def _between(place: np.ndarray, size: int) -> Tensor:
    """[n, size] weights that interpolate linearly at ``place`` [n] of 0..size-1."""
    at = torch.from_numpy(place.clip(0, size - 1)).float()
    return (1 - (at[:, None] - torch.arange(size)).abs()).clamp(min=0)


def _packed(likely: Tensor, least: float) -> Tensor:
    """Probabilities -> what is kept, uint8."""
    log_probabilities = likely.float().clamp(min=least).log()
    return ((1 - log_probabilities / math.log(least)) * 255).round().to("cpu", torch.uint8)
