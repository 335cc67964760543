"""Points, lines and curves of markups become voxels; the same from a file and from a scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import UserError
from .geometry import Geometry

_IN_PLANE = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))

Voxel = tuple[int, int, int]
"""i, j, k."""


def marked_voxels(kind: str, points: np.ndarray, geometry: Geometry) -> list[Voxel]:
    """The voxels inside the grid that a markup marks, without their neighbours.

    ``points`` [N, 3] RAS mm. A "Fiducial" marks the voxels of its points; a "Line", "Curve" or
    "ClosedCurve" those on the straight lines between them.
    """
    if not len(points):
        return []
    ijk = np.clip(geometry.ras_to_ijk(points), -1e5, 1e5)  # bounds the steps below
    if kind != "Fiducial":
        ends = np.roll(ijk, -1, axis=0) if kind == "ClosedCurve" else ijk[1:]
        steps = [
            np.linspace(start, end, 2 * int(np.ceil(np.abs(end - start).max())) + 1)
            for start, end in zip(ijk, ends, strict=False)
        ]
        ijk = np.concatenate([ijk, *steps])
    voxels = np.unique(np.rint(ijk).astype(int), axis=0)
    inside = ((voxels >= 0) & (voxels < geometry.shape[::-1])).all(axis=1)
    return [(i, j, k) for i, j, k in voxels[inside].tolist()]


def paint(
    classes: Mapping[int, Sequence[Voxel]], names: Mapping[int, str], geometry: Geometry, where: str
) -> np.ndarray:
    """Marks uint8 [k, j, i]: the voxels of each value, and their four neighbours in the slice
    except where another class claims them.

    Raises UserError, which says ``where``, for a voxel that two classes mark.
    """
    marked: dict[Voxel, int] = {}
    for value, voxels in classes.items():
        for voxel in voxels:
            other = marked.setdefault(voxel, value)
            if other != value:
                raise UserError(
                    "{where} marks voxel {voxel} (i, j, k) both as {one} and as {other}: "
                    "delete one of the two marks.",
                    where=where,
                    voxel=voxel,
                    one=names[other],
                    other=names[value],
                )
    rim: dict[Voxel, int] = {}
    for (i, j, k), value in marked.items():
        for di, dj, dk in _IN_PLANE:
            voxel = (i + di, j + dj, k + dk)
            if voxel not in marked:
                rim[voxel] = value if rim.get(voxel, value) == value else 0
    labels = np.zeros(geometry.shape, np.uint8)
    for (i, j, k), value in (rim | marked).items():
        if 0 <= i < labels.shape[2] and 0 <= j < labels.shape[1]:
            labels[k, j, i] = value
    return labels
