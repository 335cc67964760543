"""Strokes in a slice view become voxels."""

from __future__ import annotations

import numpy as np

from ..volumes.geometry import Geometry

_PARALLEL = 0.9995
"""Cosine (2 degrees) from which on a view counts as lying in the slices."""
_EXACT = 1e-6
"""Voxels; a plane half-way between two layers must not be torn apart by rounding."""


def nearest_axis(grid: Geometry, normal: np.ndarray) -> int:
    """The axis of [k, j, i] that runs most nearly along ``normal`` (RAS)."""
    axes = grid.ijk_to_ras[:3, :3] / np.linalg.norm(grid.ijk_to_ras[:3, :3], axis=0)
    return 2 - int(np.abs(np.asarray(normal, float) @ axes).argmax())


def stroke_voxels(
    grid: Geometry,
    points: np.ndarray,
    radius: float,
    axis: int,
    normal: np.ndarray | None = None,
) -> np.ndarray:
    """Indices [M, 3] (k, j, i) of the voxels inside ``grid`` under a stroke.

    ``points`` [N, 3] RAS mm of a polyline, or of a click (N = 1). Voxels count whose centre is
    within ``radius`` mm of it, seen along ``normal``, and in its layer: of the slices across
    ``axis``, or for another unit ``normal`` of the digital plane across it that is one voxel thick.
    The voxel under each point counts always.
    """
    points = np.asarray(points, float).reshape(-1, 3)
    edges = grid.ijk_to_ras[:3, :3]
    along = 2 - axis
    if normal is None:
        direction = edges[:, along] / np.linalg.norm(edges[:, along])
    else:
        direction = np.asarray(normal, float) / np.linalg.norm(normal)
        cosine = direction @ edges[:, along] / np.linalg.norm(edges[:, along])
        if abs(cosine) >= _PARALLEL:
            normal, direction = None, edges[:, along] / np.linalg.norm(edges[:, along])
    if normal is None:
        # Every point moves to the centre of its slice: a flat stroke fills one slice exactly.
        ijk = grid.ras_to_ijk(points)
        ijk[:, along] = _round(ijk[:, along])
        points = grid.ijk_to_ras_points(ijk)
    found = [_round(grid.ras_to_ijk(points)).astype(int)]
    ends = points[1:] if len(points) > 1 else points
    for start, end in zip(points, ends, strict=False):
        found.append(_capsule(grid, start, end, radius, direction))
    ijk = np.unique(np.concatenate(found), axis=0)
    inside = ((ijk >= 0) & (ijk < grid.shape[::-1])).all(1)
    return ijk[inside][:, ::-1]


def _round(ijk: np.ndarray) -> np.ndarray:
    return np.floor(np.round(ijk, 6) + 0.5)


def _capsule(
    grid: Geometry, start: np.ndarray, end: np.ndarray, radius: float, direction: np.ndarray
) -> np.ndarray:
    """Voxels (i, j, k) [M, 3] near the line from ``start`` to ``end``, one layer deep."""
    edges = grid.ijk_to_ras[:3, :3]
    steps = direction @ edges
    half = np.abs(steps).max() / 2
    if steps[np.abs(steps).argmax()] < 0:
        direction = -direction
    rows = np.linalg.inv(edges)
    across = rows - np.outer(rows @ direction, direction)
    reach = radius * np.linalg.norm(across, axis=1) + half * np.abs(rows @ direction) + _EXACT
    ends = grid.ras_to_ijk(np.stack([start, end]))
    low = np.maximum(np.floor(ends.min(0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(ends.max(0) + reach) + 1, grid.shape[::-1]).astype(int)
    if (low >= high).any():
        return np.zeros((0, 3), int)
    ijk = np.stack(np.meshgrid(*map(np.arange, low, high), indexing="ij"), -1).reshape(-1, 3)
    offset = grid.ijk_to_ras_points(ijk) - start
    line = end - start
    flat_line = line - (line @ direction) * direction
    flat = offset - np.outer(offset @ direction, direction)
    length = float(flat_line @ flat_line)
    share = np.clip(flat @ flat_line / length, 0, 1) if length > 0 else np.zeros(len(flat))
    away = np.linalg.norm(flat - np.outer(share, flat_line), axis=1)
    depth = (offset @ direction - share * (line @ direction)) / (2 * half)
    layer = (depth > -0.5 + _EXACT) & (depth <= 0.5 + _EXACT)
    return ijk[layer & (away <= radius + _EXACT)]
