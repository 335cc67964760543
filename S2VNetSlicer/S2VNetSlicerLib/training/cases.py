"""Prepared cases of a cache, and what all sources of episodes ask of slices and structures."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage as ndi

Found = tuple[np.ndarray, np.ndarray]
UNKNOWN = 255
"""In the labels of an episode: nobody knows what is there. It is no structure and no background:
the loss leaves it out and the annotator marks nothing on it."""
LABELS = 255
"""The level of drawn labels in a table of regions."""
OPEN_END = 0.5
"""Drawn structures whose last slice shows this share of their median area go on beyond it."""


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
        cord does of which a part was drawn; judged by its area in the first and last."""
        found = {}
        for number in np.unique(self.labels)[1:].tolist():
            area = (self.labels == number).sum((1, 2))
            area = np.trim_zeros(area)
            least = OPEN_END * np.median(area[area > 0])
            found[number] = (bool(area[0] >= least), bool(area[-1] >= least))
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
