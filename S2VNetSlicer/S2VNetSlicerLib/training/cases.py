"""Prepared cases of a cache, and what all sources of episodes ask of slices and structures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage as ndi

Found = tuple[np.ndarray, np.ndarray]


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
    counts = [np.bincount(s.ravel(), minlength=structures + 1)[1:] for s in labels]
    return bool((np.max(counts, 0)[:structures] >= least).all())


def solid(mask: np.ndarray, least: int = 8) -> bool:
    """Whether the best slice of ``mask`` [D, H, W] has ``least`` pixels off the border."""
    plane = mask[mask.sum((1, 2)).argmax()]
    return bool(ndi.binary_erosion(plane).sum() >= least)


def together(labels: np.ndarray, structures: int, least: int = 12) -> bool:
    """Whether some slice shows all structures."""
    counts = [np.bincount(s.ravel(), minlength=structures + 1)[1:] for s in labels]
    return bool((np.array(counts)[:, :structures] >= least).all(1).any())


def turned(array: np.ndarray, across: int) -> np.ndarray:
    """``array`` with the axis ``across`` first."""
    return np.moveaxis(array, across, 0)
