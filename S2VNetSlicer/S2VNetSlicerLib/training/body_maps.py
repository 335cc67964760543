"""Whole slices of a torso, or of head and neck, with their predefined classes, painted from maps.

Organs alone are drawn in some maps: a body is then made up around them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage as ndi

from .body_parts import body_part
from .cases import Case, Found
from .fields import smooth_field
from .labelled import AIMED, whole_or_part
from .maps import Legend, more, on_grid, parted, source_block, turned_map, varied
from .spatial import Warp, random_grid
from .synthesis import augment, painted

LESIONS = 0.3
"""Share in which a part of an organ looks otherwise."""
LEAST_SHOWN = 0.001
"""An episode shows so much of any class."""
AROUND = (15.0, 50.0)
"""mm around organs that a body reaches that is made up."""
LEAST_VIEW = 80.0
"""mm that a view shows at least."""
WARP = Warp(rotation=0.3, stretch=0.12, elastic=0.07, drift=0.0, flips=False)
"""Left and right are different classes."""


class BodyMapSource:
    """Label maps of data sets that name all ``classes``."""

    def __init__(self, cases: Sequence[Case], classes: Sequence[str]) -> None:
        self.part = body_part(classes)
        self.cases = [c for c in cases if classes and all(self.part.numbers(c.meta["classes"]))]

    def sample_automatic(
        self, rng: np.random.Generator, slices: int, size: int, coronal: float
    ) -> Found | None:
        """Image and labels, uint8 [D, S, S] (0 none, n + 1 class n), of axial or (a share of)
        ``coronal`` slices, never mirrored; None if the place shows too little."""
        case = self.cases[rng.integers(len(self.cases))]
        legend, lut = Legend.of(case), self._classes(case)
        across = int(rng.random() < coronal)
        planes = turned_map(case, across)
        seed = int(rng.choice(np.flatnonzero(np.isin(lut, rng.choice(np.unique(lut[lut > 0]))))))
        low, high = 0, len(planes)
        if rng.random() < AIMED:
            low, high = case.meta["boxes"][seed][across]
        step = max(1, min(int(rng.integers(1, 4)), len(planes) // slices))
        first = int(np.clip(rng.integers(low, high) - slices * step // 2, 0, len(planes) - 1))
        spacing = [case.meta["spacing"][n] for n in range(3) if n != across]
        body = ~legend.outside[planes[first]] & (planes[first] > 0)
        view = _view(rng, body, 2 * AROUND[0] if legend.other[0] else 0.0, spacing, size)
        if view is None:
            return None
        grid = random_grid(rng, slices, size, *view, WARP)
        part, thick, rows, columns = source_block(planes, first, step, slices, grid, rng)
        index = on_grid(part, rows, columns, thick)
        if legend.other[0]:
            index, legend = _with_body(rng, index, legend, spacing[0] / view[1][0])
        index, legend = varied(rng, index, legend)
        lut = np.pad(lut, (0, len(legend.other) - len(lut)))
        if rng.random() < LESIONS:
            index, legend, _ = parted(rng, index, legend, seed, thick)
            added = len(legend.other) - len(lut)
            lut = np.append(lut, np.repeat(lut[seed], added))
        labels = lut[index[thick // 2 :: thick]]
        if (labels > 0).mean() < LEAST_SHOWN:
            return None
        return augment(painted(index, rng, legend.tissues, thick), rng), labels

    def _classes(self, case: Case) -> np.ndarray:
        """Class of each label of a map, 0 none, n + 1 class n."""
        lut = np.zeros(len(case.meta["ids"]), np.uint8)
        for n, own in enumerate(self.part.numbers(case.meta["classes"]), 1):
            lut[np.isin(case.meta["ids"], own)] = n
        return lut


View = tuple[tuple[float, float], tuple[float, float]]
"""Centre in pixels of a plane, and pixels of the view per pixel, down and across."""


def _view(
    rng: np.random.Generator, body: np.ndarray, more: float, spacing: Sequence[float], size: int
) -> View | None:
    """All of a ``body`` (bool [h, w]), and so many mm ``more``, or a part of it, in ``size``
    pixels; None where is none."""
    if not body.any():
        return None
    low, high = np.array([np.flatnonzero(body.any(1 - n))[[0, -1]] for n in (0, 1)]).T
    extent = (((high - low + 1) * spacing).max() + more) * rng.uniform(1.02, 1.4)
    extent, away = whole_or_part(rng, extent)
    zoom = np.array(spacing) * size / max(extent, LEAST_VIEW)
    centre = (low + high) / 2 + rng.uniform(-away, away, 2) * (high - low + 1)
    return (float(centre[0]), float(centre[1])), (float(zoom[0]), float(zoom[1]))


def _with_body(
    rng: np.random.Generator, index: np.ndarray, legend: Legend, pixel: float
) -> tuple[np.ndarray, Legend]:
    """``index`` [D, S, S] with a body of unnamed tissue around the organs, and air beyond it;
    ``pixel`` mm."""
    away = ndi.distance_transform_edt(index == 0, (1e3, pixel, pixel))
    reach = rng.uniform(*AROUND) + rng.uniform(0, 8) * smooth_field(rng, index.shape, (1, 5))
    other, outside = legend.other.copy(), legend.outside.copy()
    other[0], outside[0] = False, True
    inside = (index == 0) & (away < reach)
    index = np.where(inside, len(other), index).astype(np.uint8)
    return index, more(Legend(legend.tissues, other, outside), [-1], other=True)
