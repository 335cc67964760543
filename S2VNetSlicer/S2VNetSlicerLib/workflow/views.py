"""The slice views of the scene: which slice they show, and moving them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..scene.volumes import matrix_to_array, nodes_of
from ..volumes.geometry import Geometry
from .strokes import nearest_axis


class SliceViews:
    """Follows and moves the slice views that look along an axis of the volume."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._shown: dict[str, int] = {}

    def _facing(self, grid: Geometry, axis: int) -> Iterator[tuple[Any, np.ndarray]]:
        """Slice nodes whose normal is nearest to ``axis``, with the (i, j, k) of their centre."""
        for node in nodes_of(self._scene, "vtkMRMLSliceNode"):
            to_ras = matrix_to_array(node.GetSliceToRAS())
            if nearest_axis(grid, to_ras[:3, 2]) == axis:
                yield node, grid.ras_to_ijk(to_ras[None, :3, 3])[0]

    def moved_to(self, grid: Geometry, axis: int) -> int | None:
        """The slice to which the user moved a view since the last call, if any."""
        moved = None
        for node, centre in self._facing(grid, axis):
            z = int(np.clip(np.floor(centre[2 - axis] + 0.5), 0, grid.shape[axis] - 1))
            if self._shown.get(node.GetID()) != z:
                moved = z
            self._shown[node.GetID()] = z
        return moved

    def shown(self, grid: Geometry, axis: int) -> set[int]:
        """The slices that views show."""
        return {
            int(np.clip(np.floor(centre[2 - axis] + 0.5), 0, grid.shape[axis] - 1))
            for _, centre in self._facing(grid, axis)
        }

    def show(self, grid: Geometry, axis: int, z: int) -> None:
        """Move the views to slice ``z``, without panning them."""
        for node, centre in self._facing(grid, axis):
            centre[2 - axis] = z
            node.JumpSliceByCentering(*grid.ijk_to_ras_points(centre[None])[0].tolist())
            self._shown[node.GetID()] = z
