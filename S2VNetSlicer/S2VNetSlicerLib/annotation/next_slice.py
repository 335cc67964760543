"""The slice to annotate next: where errors are expected, far from what the user has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .slice_status import SliceStatus


@dataclass(frozen=True)
class NextSliceSettings:
    """What makes a slice worth a look."""

    missing: float = 0.25
    """What a voxel counts that only a neighbouring slice shows."""
    beside: float = 0.25
    """A prompted slice is taken to be so many slices away from itself."""
    ahead_mm: float = 20.0
    """An end is checked so far beyond it."""
    about_mm: float = 30.0
    """What is shown within so many mm of there may go on."""
    goes_on: float = 2.0
    """What a voxel beside such a slice counts: an end that is none costs most."""


DEFAULT = NextSliceSettings()
_FEW = 9
"""Below so many labels it is faster to count them one by one."""


def expected_errors(
    labels: np.ndarray,
    confidence: np.ndarray,
    shown: np.ndarray | None = None,
    settings: NextSliceSettings = DEFAULT,
) -> np.ndarray:
    """Voxels of each slice of ``labels`` [slices, rows, columns] that are probably wrong, [slices].

    ``confidence`` [slices, K] is the expected Dice, or NaN: nothing to doubt. What a slice shows
    of a structure may be too much; what only a neighbour shows there may be missing, if seldom: the
    ends of leaks have much of it. ``shown``: the :func:`voxels` of the K structures, if at hand.
    """
    many = confidence.shape[1] + 1
    shown = voxels(labels, many) if shown is None else shown
    missing = np.zeros_like(shown)
    for z in np.flatnonzero(shown[1:, 1:].any(1) | shown[:-1, 1:].any(1)) + 1:
        below, above = labels[z - 1].ravel(), labels[z].ravel()
        differ = np.flatnonzero(below != above)
        for place, beside in ((z, below), (z - 1, above)):
            only = np.bincount(beside[differ], minlength=many)
            missing[place] = np.maximum(missing[place], only)
    doubt = 1 - np.nan_to_num(confidence, nan=1.0)
    return ((shown + settings.missing * missing)[:, 1:] * doubt).sum(1)


def beyond_ends(
    shown: np.ndarray,
    slice_status: np.ndarray,
    thickness: float,
    structures: Sequence[int],
    settings: NextSliceSettings = DEFAULT,
) -> np.ndarray:
    """Voxels of ``structures`` (from 1) that may lie beyond their ends, [slices].

    Runs are sure of an end also where it is none, and nothing is in doubt beyond. So one slice
    there is to be looked at, unless a later anchor (``slice_status`` [slices]) shows that nothing
    goes on. ``shown``: the :func:`voxels` of slices that are ``thickness`` mm apart.
    """
    step = max(1, round(settings.ahead_mm / thickness))
    about = int(settings.about_mm / thickness)
    found = np.zeros(len(slice_status))
    for k in structures:
        there = np.flatnonzero(shown[:, k])
        if not len(there):
            continue
        first, last = there[[0, -1]]
        for end, way, outside in (
            (first, -1, slice_status[:first]),
            (last, 1, slice_status[last + 1 :]),
        ):
            z = end + way * min(step, len(outside))
            if (
                len(outside)
                and slice_status[z] == SliceStatus.MODEL
                and not (outside >= SliceStatus.MARKED).any()
            ):
                found[z] += settings.goes_on * shown[max(0, z - about) : z + about + 1, k].max()
    return found


def voxels(labels: np.ndarray, many: int) -> np.ndarray:
    """How many voxels of each label below ``many`` the slices show, [slices, many]."""
    return np.stack([count(plane, many) for plane in labels])


def count(labels: np.ndarray, many: int) -> np.ndarray:
    """How many voxels of each label below ``many`` there are, [many]."""
    if many > _FEW:
        return np.bincount(labels.ravel(), minlength=many)[:many]
    return np.array([np.count_nonzero(labels == n) for n in range(many)])


def next_slice(
    errors: np.ndarray, slice_status: np.ndarray, settings: NextSliceSettings = DEFAULT
) -> int | None:
    """The slice to annotate next, None where no errors are expected.

    It has many of the expected ``errors`` [slices], those of :func:`beyond_ends` included, and is
    far from all anchors (``slice_status`` [slices]): beside one, another tells little that is new,
    and errors far away would never have their turn.
    """
    if not errors.any():
        return None
    anchors = np.flatnonzero(slice_status >= SliceStatus.MARKED)
    away = np.abs(np.arange(len(slice_status))[:, None] - anchors).min(1, initial=len(slice_status))
    return int((errors * np.sqrt(np.maximum(away, settings.beside))).argmax())
