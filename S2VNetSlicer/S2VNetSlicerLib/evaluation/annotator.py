"""The public protocol's simulated annotator: the same marks for every method.

It marks every structure on one slice with a stroke, and the background around them with an arc;
then, round by round, it strokes the largest missed and the largest wrong region of the slice that
is most wrong. Unlike ``training.annotator``, which is as varied as people are, it always draws in
the same manner, so that methods can be compared. Marks are uint8: 0 unmarked, 1 background, 2 the
first structure ...; arrays have the slices first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage as ndi
from skimage.morphology import skeletonize

LEAST_VOXELS, LEAST_SLICES, LEAST_PIXELS = 150, 3, 12
"""What a structure must have to be a task, and on a slice to be marked with others there."""
_LONGEST = 60
_NEAR, _FAR = 3, 8
_ARC = 1.6 * np.pi


def slice_axis(spacing: Sequence[float]) -> int:
    """The axis across which an annotator reads: of clearly coarsest spacing, else the first."""
    return int(np.argmax(spacing)) if max(spacing) > 1.3 * sorted(spacing)[1] else 0


def tasks(truth: np.ndarray, together: int = 1, most: int = 12) -> list[list[int]]:
    """The structures to annotate: the ``most`` largest labels of ``truth`` [slices, rows, columns],
    each alone or up to ``together`` at once that share a slice."""
    numbers, counts = np.unique(truth[truth > 0], return_counts=True)
    large = sorted(zip(numbers.tolist(), counts.tolist(), strict=True), key=lambda t: -t[1])
    left = [
        number
        for number, count in large
        if count >= LEAST_VOXELS and (truth == number).any((1, 2)).sum() >= LEAST_SLICES
    ][:most]
    groups = []
    while left:
        if together == 1:
            group = left[:1]
        else:
            z = int((truth == left[0]).sum((1, 2)).argmax())
            here = [n for n in left if (truth[z] == n).sum() >= LEAST_PIXELS]
            group = here[:together] or left[:1]
        groups.append(group)
        left = [n for n in left if n not in group]
    return groups


def first_slice(truth: np.ndarray, structures: int) -> int:
    """The slice of ``truth`` (1 first structure, ...) that shows all structures best."""
    areas = np.stack([(truth == k).sum((1, 2)) for k in range(1, structures + 1)], 1)
    relative = areas / np.maximum(areas.max(0), 1)
    return int((relative.min(1) + 1e-3 * relative.sum(1)).argmax())


def stroke(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """A stroke along the middle of the largest part of ``mask`` [rows, columns], never outside."""
    parts, count = ndi.label(mask)
    drawn = np.zeros_like(mask)
    if count == 0:
        return drawn
    part = parts == 1 + np.argmax(ndi.sum(mask, parts, range(1, count + 1)))
    depth = ndi.distance_transform_edt(part)
    middle = skeletonize(part)
    if middle.sum() < 2:
        middle = depth == depth.max()
    line = np.argwhere(middle)
    wander = 0.3 * depth.max() * rng.random(len(line))
    start = line[np.argmax(depth[tuple(line.T)] + wander)]
    order = np.argsort(((line - start) ** 2).sum(1))
    drawn[tuple(line[order][:_LONGEST].T)] = True
    return ndi.binary_dilation(drawn) & part


def first_marks(rng: np.random.Generator, truth: np.ndarray, z: int, structures: int) -> np.ndarray:
    """Marks of the first round on slice ``z``: each structure, and an arc around all of them."""
    marks = np.zeros(truth.shape[1:], np.uint8)
    union = truth[z] > 0
    ring = ndi.binary_dilation(union, iterations=_FAR)
    ring &= ~ndi.binary_dilation(union, iterations=_NEAR)
    around = np.argwhere(ring)
    if len(around):
        angle = np.arctan2(*(around - around.mean(0)).T)
        start = rng.uniform(-np.pi, np.pi)
        arc = np.zeros_like(union)
        arc[tuple(around[(angle - start) % (2 * np.pi) < _ARC].T)] = True
        marks[skeletonize(arc)] = 1
    for k in range(1, structures + 1):
        marks[stroke(rng, truth[z] == k)] = k + 1
    return marks


def correction(
    rng: np.random.Generator,
    truth: np.ndarray,
    predicted: np.ndarray,
    marks: np.ndarray,
    structures: int,
) -> tuple[int, np.ndarray]:
    """The most wrong slice and the new marks there; none where nothing worth a stroke is wrong.

    ``marks`` [slices, rows, columns] were made so far and are not drawn over.
    """
    wrong = truth != predicted
    z = int(wrong.sum((1, 2)).argmax())
    drawn = np.zeros(truth.shape[1:], np.uint8)
    for k in range(structures + 1):
        region = wrong[z] & (truth[z] == k)
        if region.sum() > LEAST_PIXELS or ndi.binary_erosion(region).any():
            drawn[stroke(rng, region) & (marks[z] == 0)] = k + 1
    return z, drawn
