"""Whole slices of a torso, or of head and neck, with their predefined classes, painted from maps.

Maps show organs alone, or what lies between them as well. What a scan shows besides is made up: the
rest of the body with fat below the skin, a table, the cortex of bones, what is in hollow organs.
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
from .synthesis import BODY_SHARES, augment, painted
from .tissues import BONES, CORTEX, FAT, WALL

LESIONS = 0.3
"""Share in which a part of an organ looks otherwise."""
LEAST_SHOWN = 0.001
"""An episode shows so much of any class."""
AROUND = (15.0, 50.0)
"""mm around organs that a body reaches that is made up..."""
BEYOND, GROWN = (2.0, 45.0), 0.85
"""... and beyond one that is no more than the hull of its organs, in a share of the episodes."""
FATTY, FAT_DEPTH = 0.6, (2.0, 35.0)
"""Share with fat below the skin, and how many mm of it."""
CLUTTER = 0.4
"""Share with a table, blankets or arms beside the body."""
CORTICAL, WALLED, MIXED = 0.7, 0.5, 0.5
"""Shares of bones with a cortex, of hollow organs with a wall and with mixed contents."""
LEAST_VIEW = 80.0
"""mm that a view shows at least."""
WARP = Warp(rotation=0.3, stretch=0.12, elastic=0.07, drift=0.0, flips=False)
"""Left and right are different classes."""


class BodyMapSource:
    """Label maps of data sets that name all ``classes``."""

    def __init__(self, cases: Sequence[Case], classes: Sequence[str]) -> None:
        self.part = body_part(classes)
        self.cases = [c for c in cases if classes and all(self.part.numbers(c.meta["classes"]))]
        # Names are compared once, not for every episode.
        self.legends = [(Legend.of(case), self._classes(case)) for case in self.cases]

    def sample_automatic(
        self, rng: np.random.Generator, slices: int, size: int, coronal: float
    ) -> Found | None:
        """Image and labels, uint8 [D, S, S] (0 none, n + 1 class n), of axial or (a share of)
        ``coronal`` slices, never mirrored; None if the place shows too little."""
        number = int(rng.integers(len(self.cases)))
        case, (legend, lut) = self.cases[number], self.legends[number]
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
        beyond = 0.0
        if legend.other[0]:
            beyond = AROUND[0]
        elif rng.random() < GROWN:
            beyond = rng.uniform(*BEYOND)
        view = _view(rng, body, 2 * beyond, spacing, size)
        if view is None:
            return None
        grid = random_grid(rng, slices, size, *view, WARP)
        part, thick, rows, columns = source_block(planes, first, step, slices, grid, rng)
        index = on_grid(part, rows, columns, thick)
        index, legend = _with_body(rng, index, legend, beyond, spacing[0] / view[1][0])
        index, legend = varied(rng, index, legend)
        lut = np.pad(lut, (0, len(legend.other) - len(lut)))
        if rng.random() < LESIONS:
            index, legend, _ = parted(rng, index, legend, seed, thick)
            added = len(legend.other) - len(lut)
            lut = np.append(lut, np.repeat(lut[seed], added))
        labels = lut[index[thick // 2 :: thick]]
        if (labels > 0).mean() < LEAST_SHOWN:
            return None
        index, legend = _detailed(rng, index, legend)
        return augment(painted(index, rng, legend.tissues, thick, BODY_SHARES), rng), labels

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
    rng: np.random.Generator, index: np.ndarray, legend: Legend, beyond: float, pixel: float
) -> tuple[np.ndarray, Legend]:
    """``index`` [D, S, S] with all of a body, fat below its skin, and clutter beside it: unnamed
    tissue around organs alone, or so many mm ``beyond`` their hull; ``pixel`` mm."""
    scale = (1e3, pixel, pixel)
    if legend.other[0]:
        away = ndi.distance_transform_edt(index == 0, scale)
        reach = rng.uniform(*AROUND) + rng.uniform(0, 8) * smooth_field(rng, index.shape, (1, 5))
        other, outside = legend.other.copy(), legend.outside.copy()
        other[0], outside[0] = False, True
        legend, around = Legend(legend.tissues, other, outside), index == 0
    else:
        away = ndi.distance_transform_edt(legend.outside[index], scale)
        reach = beyond * (1 + 0.35 * smooth_field(rng, index.shape, (1, 3)))
        around = away > 0
    index = _put(index, around & (away < reach), legend)
    legend = more(legend, [-1], other=True)
    if rng.random() < CLUTTER:
        away = ndi.distance_transform_edt(legend.outside[index], scale)
        field = smooth_field(rng, index.shape, (1, int(rng.integers(3, 16))))
        low = rng.normal(0.8, 0.4)
        thin = field < low + rng.choice([0.3, np.inf])
        index = _put(index, (away > rng.uniform(2, 25)) & (field > low) & thin, legend)
        legend = more(legend, [-1], other=False)
    outside = legend.outside[index]
    if outside.any() and rng.random() < FATTY:
        depth = ndi.distance_transform_edt(~outside, scale)
        reach = rng.uniform(*FAT_DEPTH) * (1 + 0.4 * smooth_field(rng, index.shape, (1, 4)))
        index = _put(index, legend.other[index] & (depth < reach), legend)
        legend = more(legend, [FAT], other=False)
    return index, legend


def _detailed(
    rng: np.random.Generator, index: np.ndarray, legend: Legend
) -> tuple[np.ndarray, Legend]:
    """``index`` [D, S, S] with what a scan shows inside of structures, to be painted only: the
    cortex of bones, the walls and mixed contents of hollow organs."""
    inside, tissues = index, legend.tissues
    shown = np.bincount(inside.ravel(), minlength=len(legend.other)) > 0
    chance = rng.random((3, len(shown)))
    mixed = np.flatnonzero(tissues.hollow & shown & (chance[0] < MIXED))
    if len(mixed):
        field = smooth_field(rng, index.shape, (2, int(rng.integers(4, 24))))
        lut = np.arange(len(shown))
        lut[mixed] = len(shown) + np.arange(len(mixed))
        index = np.where(field > rng.normal(0, 0.6), lut[inside], inside)
        legend = more(legend, [-1] * len(mixed), other=False)
        legend.tissues.hollow[len(shown) :] = True
    edge = np.zeros(inside.shape, bool)
    for axis in (1, 2):
        change = np.diff(inside, axis=axis) != 0
        for side in (slice(1, None), slice(None, -1)):
            np.moveaxis(edge, axis, 0)[side] |= np.moveaxis(change, axis, 0)
    cortical = np.isin(tissues.group, BONES) & (chance[1] < CORTICAL)
    for group, own in ((CORTEX, cortical), (WALL, tissues.hollow & (chance[2] < WALLED))):
        index = _put(index, edge & own[inside], legend)
        legend = more(legend, [group], other=False)
    return index, legend


def _put(index: np.ndarray, where: np.ndarray, legend: Legend) -> np.ndarray:
    """``index`` with the next new label of a ``legend`` there."""
    return np.where(where, len(legend.other), index).astype(np.uint8)
