"""Prepared cases of a cache, and what all sources of episodes ask of slices and structures."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage as ndi

Found = tuple[np.ndarray, np.ndarray]


class FoundWhole(NamedTuple):
    """Whole slices for the automatic mode: ``image`` and ``labels`` [D, S, S], with ``UNKNOWN`` and
    ``ANYTHING``; ``drawn``, bool [K]: classes that ``UNKNOWN`` places cannot be, since they were
    drawn (None: no place is unknown)."""

    image: np.ndarray
    labels: np.ndarray
    drawn: np.ndarray | None = None


UNKNOWN = 255
"""In the labels of an episode: nobody knows what is there. It is no structure and no background:
the annotator marks nothing on it, and the loss asks only that it is none of what was drawn."""
ANYTHING = 254
"""In the labels of an automatic episode: what was drawn elsewhere may go on here."""
LABELS = 255
"""The level of drawn labels in a table of regions."""
LEAST_AWAY, WANDERING = 10.0, 0.3
"""A structure that goes on is so many mm from where drawing ended, and so many more a mm."""
TUBE, OPEN_END = 4.0, 0.5
"""Drawn structures that are so many times longer than wide, and of whose median area their last
slice shows this share, go on beyond it; others are drawn whole."""


@dataclass(frozen=True)
class Case:
    """A prepared case; its arrays are memory maps, opened when first used."""

    folder: Path

    def __reduce__(self) -> tuple[type[Case], tuple[Path]]:
        # Opened arrays stay behind.
        return Case, (self.folder,)

    @cached_property
    def meta(self) -> dict[str, Any]:
        return json.loads((self.folder / "meta.json").read_text())

    @cached_property
    def image(self) -> np.ndarray:
        return np.load(self.folder / "image.npy", mmap_mode="r")

    @cached_property
    def labels(self) -> np.ndarray:
        return np.load(self.folder / "labels.npy", mmap_mode="r")

    @cached_property
    def supervoxels(self) -> np.ndarray:
        return np.load(self.folder / "supervoxels.npy", mmap_mode="r")

    @cached_property
    def regions(self) -> np.ndarray:
        return np.load(self.folder / "regions.npy")

    @cached_property
    def known(self) -> frozenset[int] | None:
        """Labels that were looked for; None: all that there are."""
        known = self.meta.get("known")
        return None if known is None else frozenset(known)

    @cached_property
    def open_ends(self) -> dict[int, tuple[bool, bool]]:
        """Whether a drawn structure goes on below and above the slices in which it was drawn, as a
        cord does of which a part was drawn; judged by its shape and its area in the first and
        last slice."""
        found = {}
        thickness, *pixel = self.meta["spacing"]
        for number in np.unique(self.labels)[1:].tolist():
            area = (self.labels == number).sum((1, 2))
            area = np.trim_zeros(area)
            usual = np.median(area[area > 0])
            tube = len(area) * thickness >= TUBE * np.sqrt(usual * np.prod(pixel))
            ends = area[[0, -1]] >= OPEN_END * usual
            found[number] = (bool(tube and ends[0]), bool(tube and ends[1]))
        return found

    def beyond(self, numbers: Collection[int]) -> np.ndarray:
        """Whether nobody drew structures ``numbers`` in a slice that they may reach, bool [n]."""
        beyond = np.zeros(len(self.labels), bool)
        for row in self.regions[self.regions["level"] == LABELS]:
            if int(row["id"]) in numbers:
                below, above = self.open_ends[int(row["id"])]
                beyond[: row["low"][0]] |= below
                beyond[row["high"][0] :] |= above
        return beyond

    def continued(self, numbers: Collection[int], first: int, last: int) -> np.ndarray:
        """Where structures ``numbers`` may go on beyond the slices in which they were drawn, bool
        [last - first, h, w]."""
        found = np.zeros((last - first, *self.labels.shape[1:]), bool)
        for row in self.regions[self.regions["level"] == LABELS]:
            number, low, high = int(row["id"]), int(row["low"][0]), int(row["high"][0])
            if number not in numbers:
                continue
            below, above = self.open_ends[number]
            ends = (
                (below, low, range(first, min(low, last))),
                (above, high - 1, range(max(high, first), last)),
            )
            for goes_on, end, slices in ends:
                for z in slices if goes_on else ():
                    reach = LEAST_AWAY + WANDERING * abs(z - end) * self.meta["spacing"][0]
                    found[z - first] |= self._away(number, end) < reach
        return found

    def _away(self, number: int, z: int) -> np.ndarray:
        """mm to a structure in slice ``z``, [h, w]."""
        known = self._distances.get((number, z))
        if known is None:
            spacing = self.meta["spacing"][1:]
            known = ndi.distance_transform_edt(self.labels[z] != number, spacing)
            self._distances[number, z] = known = known.astype(np.float16)
        return known

    @cached_property
    def _distances(self) -> dict[tuple[int, int], np.ndarray]:
        return {}


def mirrored(numbers: np.ndarray, n: int) -> np.ndarray:
    """Slice ``numbers``, those beyond 0..n-1 mirrored at the ends."""
    period = max(1, 2 * (n - 1))
    at = numbers % period
    return np.where(at < n, at, period - at)


def first_slice(rng: np.random.Generator, low: int, high: int, reach: int, n: int) -> int:
    """Where a block of ``reach`` of ``n`` slices begins so that a structure in [low, high) starts
    or ends in it (more often than not, if the volume allows), else anywhere that shows it."""
    few = max(2, min(reach // 4, high - low))
    ends = [first for first in (low - reach + few, high - few) if 0 <= first <= n - reach]
    if ends and rng.random() < 0.65:
        first = ends[rng.integers(len(ends))]
        away = int(rng.integers(0, max(1, reach - 2 * few) + 1))
        first += away if first < low else -away
    else:
        first = int(rng.integers(low - reach + few, max(high - few, low - reach + few) + 1))
    return int(np.clip(first, 0, max(0, n - reach)))


def plain(labels: np.ndarray, structures: int, least: int) -> bool:
    """Whether each structure covers ``least`` pixels on its best slice."""
    return bool((_counts(labels, structures).max(0) >= least).all())


def solid(mask: np.ndarray, least: int = 8) -> bool:
    """Whether the best slice of ``mask`` [D, H, W] has ``least`` pixels off the border."""
    plane = mask[mask.sum((1, 2)).argmax()]
    return bool(ndi.binary_erosion(plane).sum() >= least)


def together(labels: np.ndarray, structures: int, least: int = 12) -> bool:
    """Whether some slice shows all structures."""
    return bool((_counts(labels, structures) >= least).all(1).any())


def _counts(labels: np.ndarray, structures: int) -> np.ndarray:
    """Pixels of each structure on each slice of ``labels``, [D, K]."""
    counts = [np.bincount(s.ravel(), minlength=256)[1 : structures + 1] for s in labels]
    return np.array(counts)


def turned(array: np.ndarray, across: int) -> np.ndarray:
    """``array`` with the axis ``across`` first."""
    return np.moveaxis(array, across, 0)
