"""Object-like 3D regions of an unlabelled volume, at several coarseness levels.

They stand in for structures that nobody has drawn: a network that learns to follow any region with
real edges from slice to slice follows a new structure as well. Edge levels come from a watershed
whose basins are merged pairwise, weakest border first; class levels are connected components of
intensity classes (CT: HU ranges of bone, air, fat, muscle; MR: multi-Otsu).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import pairwise

import cc3d
import numpy as np
import SimpleITK as sitk
from scipy import ndimage as ndi
from skimage.filters import threshold_multiotsu

EDGE_COUNTS = (400, 150, 55)
"""Regions left at each edge level, fine to coarse."""
SIZE_POWER = 0.45
"""How much more it costs to merge large regions than small ones."""
BASIN = 0.25
"""Depth of a watershed basin, as a share of the median gradient, below which it joins another."""
EDGE = 2.2
"""Relative strength from which on an edge is a real one."""
TABLE = np.dtype(
    [
        ("level", "u1"),
        ("id", "u2"),
        ("low", "i2", 3),
        ("high", "i2", 3),
        ("area", "i4"),
        ("voxels", "i4"),
        ("shown", "f4"),
        ("compact", "f4"),
    ]
)
"""One region: box [low, high), largest area of a slice in pixels, share of its in-plane border that
lies on edges, 16 area / perimeter^2 (a square: 1) over its slices."""


def denoised(image: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """``image`` 0..255 with its noise smoothed and its edges kept, float32."""
    itk = sitk.GetImageFromArray(image.astype(np.float32))
    itk.SetSpacing([float(s) for s in spacing[::-1]])
    itk = sitk.Median(itk, [2, 2, 1])
    itk = sitk.CurvatureFlow(itk, 0.05, 6)
    return sitk.GetArrayFromImage(itk)


def gradient_magnitude(image: np.ndarray, spacing: Sequence[float], smoothing: float) -> np.ndarray:
    """Gradient magnitude (per mm) of ``image`` after Gaussian smoothing of ``smoothing`` mm."""
    # The recursive filter needs four slices.
    spare = max(0, 4 - len(image))
    padded = np.pad(image.astype(np.float32), ((0, spare), (0, 0), (0, 0)), mode="edge")
    itk = sitk.GetImageFromArray(padded)
    itk.SetSpacing([float(s) for s in spacing[::-1]])
    gradient = sitk.GradientMagnitudeRecursiveGaussian(itk, smoothing)
    return sitk.GetArrayFromImage(gradient)[: len(image)]


def basins(gradient: np.ndarray, level: float) -> np.ndarray:
    """Fine watershed basins, int32 from 1, of ``gradient``; shallower ones than ``level`` join."""
    shed = sitk.MorphologicalWatershed(sitk.GetImageFromArray(gradient), level, False, False)
    return sitk.GetArrayFromImage(shed).astype(np.int32)


def borders(
    labels: np.ndarray, strength: np.ndarray, axes: tuple[int, ...] = (0, 1, 2)
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Touching pairs of regions: ids [N, 2], summed strength [N] and area in faces [N]."""
    keys, sums = [], []
    n = int(labels.max()) + 1
    for axis in axes:
        a = np.moveaxis(labels, axis, 0)
        s = np.moveaxis(strength, axis, 0)
        at = np.nonzero(a[1:] != a[:-1])
        first, second = a[1:][at].astype(np.int64), a[:-1][at].astype(np.int64)
        keys.append(np.minimum(first, second) * n + np.maximum(first, second))
        sums.append(s[1:][at] + s[:-1][at])
    key, where = np.unique(np.concatenate(keys), return_inverse=True)
    total = np.bincount(where, np.concatenate(sums) * 0.5)
    return np.stack([key // n, key % n], 1), total, np.bincount(where)


def merge(
    labels: np.ndarray, image: np.ndarray, strength: np.ndarray, counts: tuple[int, ...]
) -> list[np.ndarray]:
    """Merge touching regions, cheapest first, down to each of ``counts`` (descending) regions.

    A border costs its mean ``strength`` plus the difference of the two means of ``image``, times a
    power of the smaller region's size, so that specks join their surroundings before objects join
    each other. Returns, for every count, the new id (from 0) of each old id.
    """
    n = int(labels.max()) + 1
    sizes = np.bincount(labels.ravel(), minlength=n).astype(float).tolist()
    totals = np.bincount(labels.ravel(), image.ravel().astype(float), n).tolist()
    pairs, sums, faces = borders(labels, strength)
    around: list[dict[int, list[float]]] = [{} for _ in range(n)]
    for (a, b), s, f in zip(pairs.tolist(), sums.tolist(), faces.tolist(), strict=True):
        around[a][b] = around[b][a] = [s, f]

    def cost(a: int, b: int) -> float:
        s, f = around[a][b]
        difference = abs(totals[a] / sizes[a] - totals[b] / sizes[b])
        return (s / f + difference + 0.1) * min(sizes[a], sizes[b]) ** SIZE_POWER

    heap = [(cost(a, b), a, b) for a, b in pairs.tolist()]
    heapq.heapify(heap)
    parent = np.arange(n)
    used = np.array(sizes) > 0
    left = int(used.sum())
    found: list[np.ndarray] = []
    for count in counts:
        while left > count and heap:
            asked, a, b = heapq.heappop(heap)
            if b not in around[a]:
                continue
            # Costs rise as regions grow: a stale entry goes back with what it costs now.
            if (now := cost(a, b)) > asked * 1.001:
                heapq.heappush(heap, (now, a, b))
                continue
            if len(around[a]) < len(around[b]):
                a, b = b, a
            parent[b] = a
            sizes[a] += sizes[b]
            totals[a] += totals[b]
            del around[a][b], around[b][a]
            for c, (s, f) in around[b].items():
                del around[c][b]
                edge = around[a].get(c)
                if edge is None:
                    around[a][c] = around[c][a] = [s, f]
                else:
                    edge[0] += s
                    edge[1] += f
                heapq.heappush(heap, (cost(a, c), a, c))
            around[b] = {}
            left -= 1
        root = parent.copy()
        while (root != root[root]).any():
            root = root[root]
        found.append(np.searchsorted(np.unique(root[used]), root))
    return found


def relative_strength(image: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Edge strength of a denoised ``image`` 0..255, 1 where tissue shows only its noise.

    It goes with the root of the gradient, so that the faint border between two muscles counts
    beside that of a bone.
    """
    strength = np.sqrt(gradient_magnitude(image, spacing, 1.0))
    inside = strength[(image > 8) & (image < 247)]
    return strength / max(0.3, float(np.percentile(inside, 40)) if len(inside) else 0.0)


def edge_levels(
    image: np.ndarray, strength: np.ndarray, spacing: Sequence[float], counts: tuple[int, ...]
) -> list[np.ndarray]:
    """Hierarchy of regions uint16 [z, y, x], ids from 1: each level unites regions of the last.

    ``image`` 0..255 is denoised, ``strength`` that of its edges.
    """
    gradient = gradient_magnitude(image, spacing, 1.5)
    inside = gradient[(image > 8) & (image < 247)]
    level = max(0.2, BASIN * float(np.median(inside)) if len(inside) else 0.0)
    fine = basins(gradient, level)
    found = merge(fine, np.sqrt(np.maximum(image, 0)), strength, counts)
    return [(ids[fine] + 1).astype(np.uint16) for ids in found]


def _ball(radius: float, spacing: Sequence[float]) -> np.ndarray:
    """Structuring element of ``radius`` mm."""
    reach = [int(radius / s) for s in spacing]
    grid = np.mgrid[tuple(slice(-r, r + 1) for r in reach)]
    steps = sum((g * s) ** 2 for g, s in zip(grid, spacing, strict=True))
    return np.asarray(steps <= radius**2)


def _parts(mask: np.ndarray, spacing: Sequence[float], opening: float) -> np.ndarray:
    """Components of ``mask`` once bridges thinner than 2 ``opening`` mm are cut, grown back."""
    if not mask.any():
        return np.zeros(mask.shape, np.uint32)
    depth = ndi.distance_transform_edt(mask, spacing)
    cores = cc3d.connected_components(depth > opening, connectivity=6)
    away, nearest = ndi.distance_transform_edt(cores == 0, spacing, return_indices=True)
    grown = cores[tuple(nearest)]
    grown[~mask | (away > 2 * opening)] = 0
    return grown


def _stack(parts: list[np.ndarray]) -> np.ndarray:
    """Label maps that do not overlap as one, ids from 1, big regions first, at most 65535."""
    out = np.zeros(parts[0].shape, np.uint32)
    top = 0
    for part in parts:
        out = np.where((part > 0) & (out == 0), part + top, out).astype(np.uint32)
        top = int(out.max())
    keep = np.bincount(out.ravel()) >= 60
    keep[0] = False
    return np.minimum(np.where(keep, np.cumsum(keep), 0), 65535).astype(np.uint16)[out]


def ct_levels(hounsfield: np.ndarray, spacing: Sequence[float]) -> list[np.ndarray]:
    """Class levels of a CT in HU: parts of bone, inner air, fat and muscle; cut finely and
    coarsely."""
    smooth = ndi.gaussian_filter(hounsfield.astype(np.float32), [0.6 / s for s in spacing])
    body = ndi.binary_opening(smooth > -300, _ball(2.5, spacing))
    sizes = cc3d.connected_components(body, connectivity=6)
    if sizes.max():
        body = sizes == 1 + np.argmax(np.bincount(sizes.ravel())[1:])
    filled = np.stack([ndi.binary_fill_holes(s) for s in body])
    bone = smooth > 180
    # The marrow belongs to its bone.
    bone = np.stack([ndi.binary_fill_holes(ndi.binary_closing(s, iterations=2)) for s in bone])
    ranges = [
        (bone, 0.5, 2.0),
        (filled & (smooth < -350), 0.5, 2.0),
        (filled & ~bone & (smooth > -150) & (smooth < -40), 1.0, 3.0),
        (filled & ~bone & (smooth > 5) & (smooth < 180), 2.0, 4.5),
    ]
    return [_stack([_parts(m, spacing, r[i]) for m, *r in ranges]) for i in (0, 1)]


def mr_levels(image: np.ndarray, spacing: Sequence[float]) -> list[np.ndarray]:
    """Class levels of an MR image 0..255: parts of three and of four multi-Otsu classes."""
    smooth = ndi.gaussian_filter(image.astype(np.float32), [0.8 / s for s in spacing])
    found = []
    for classes, opening in ((4, 1.2), (3, 3.0)):
        steps = [-np.inf, *threshold_multiotsu(smooth, classes, nbins=128), np.inf]
        masks = [(smooth > low) & (smooth <= high) for low, high in pairwise(steps)]
        found.append(_stack([_parts(m, spacing, opening) for m in masks]))
    return found


def region_table(levels: np.ndarray, strength: np.ndarray | None) -> np.ndarray:
    """Facts (``TABLE``) of the regions of ``levels`` [L, z, y, x] worth sampling.

    Left out: fewer than 3 slices, less than 24 pixels on the best slice, more than 60 % of a
    slice, regions that mostly hug the volume's border (surrounding air), thin shells, scattered
    regions, and those whose borders hardly lie on edges by ``strength`` [z, y, x]. Without
    ``strength``: drawn labels, which all count.
    """
    edge = np.ones(levels.shape[1:], np.float32)
    if strength is not None:
        edge = (ndi.maximum_filter(strength, (1, 3, 3)) > EDGE).astype(np.float32)
    rows = []
    for level, labels in enumerate(levels):
        n = int(labels.max()) + 1
        plane = labels.shape[1] * labels.shape[2]
        areas = np.stack([np.bincount(s.ravel(), minlength=n) for s in labels])
        rim = np.zeros(labels.shape[1:], bool)
        rim[[0, -1]] = rim[:, [0, -1]] = True
        cut = np.bincount(labels[:, rim].ravel(), minlength=n)
        pairs, sums, faces = borders(labels, edge, (1, 2))
        inside = np.bincount(pairs.ravel(), np.repeat(faces, 2), n)
        shown = np.bincount(pairs.ravel(), np.repeat(sums, 2), n) / np.maximum(inside, 1)
        for number, box in enumerate(ndi.find_objects(labels), 1):
            if box is None:
                continue
            area = areas[:, number]
            perimeter = max(1, inside[number] + cut[number])
            compact = 16 * area.sum() * (area > 0).sum() / perimeter**2
            if strength is not None:
                outline = np.sqrt(area[area > 0]).sum() * 3.5
                thickness = 2 * area.sum() / perimeter
                sized = (area > 0).sum() >= 3 and 24 <= area.max() <= 0.6 * plane
                free = cut[number] <= 0.45 * outline
                thick = thickness >= 1.3 and compact >= 0.1
                if not (sized and free and thick and shown[number] >= 0.6):
                    continue
            low = tuple(s.start for s in box)
            high = tuple(s.stop for s in box)
            facts = area.max(), area.sum(), shown[number], compact
            rows.append((level, number, low, high, *facts))
    return np.array(rows, TABLE)
