"""A segmentation of any grid as labels on the grid of a volume, without VTK and in any thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .marks import BINARY_LABELMAP, _voxels, check_paintable
from .volumes import check_in_scene, local_geometry, to_world

EXACT = 1e-3
"""Voxels by which two lattices may differ and count as the same."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Segments that share a label map: its ``values`` [k, j, i] (a copy), the label of each value
    in ``table``, and the affine [4, 4] ``to_source`` from (i, j, k) of the volume to it."""

    values: np.ndarray
    table: np.ndarray
    to_source: np.ndarray

    def on_lattice(self, shape: tuple[int, ...]) -> bool:
        """Whether its voxels are those of the volume of ``shape`` [k, j, i], or a part of them."""
        exact = np.eye(4)
        exact[:3, 3] = np.rint(self.to_source[:3, 3])
        return bool(np.abs((self.to_source - exact) @ [*shape[::-1], 1]).max() <= EXACT)

    def plane(self, k: int, rows: int, columns: int) -> np.ndarray:
        """Its labels on slice ``k`` of the volume, nearest voxel."""
        at = [
            np.rint(
                self.to_source[axis, 0] * np.arange(columns)
                + self.to_source[axis, 1] * np.arange(rows)[:, None]
                + (self.to_source[axis, 2] * k + self.to_source[axis, 3])
            ).astype(np.intp)
            for axis in (2, 1, 0)
        ]
        inside = np.logical_and.reduce(
            [(a >= 0) & (a < size) for a, size in zip(at, self.values.shape, strict=True)]
        )
        found = np.zeros((rows, columns), np.uint8)
        z, y, x = (a[inside] for a in at)
        found[inside] = self.table[self.values[z, y, x].astype(np.intp)]
        return found


def layers_of(volume_node: Any, segmentation_node: Any, segments: Mapping[str, int]) -> list[Layer]:
    """The voxels of ``segments`` (IDs and their labels, 1 to 255), to be taken on the main thread.

    Raises UserError when a node is gone, under a warp, or made of surfaces.
    """
    check_in_scene(volume_node, "volume")
    check_paintable(segmentation_node)
    grid = local_geometry(volume_node)
    move = np.linalg.solve(to_world(segmentation_node), to_world(volume_node))
    shared: dict[Any, dict[int, int]] = {}
    for id, label in segments.items():
        segment = segmentation_node.GetSegmentation().GetSegment(id)
        image = None if segment is None else segment.GetRepresentation(BINARY_LABELMAP)
        if image is not None and not image.IsEmpty():
            shared.setdefault(image, {})[segment.GetLabelValue()] = label
    found = []
    for image, labels in shared.items():
        values, painted = _voxels(image)
        table = np.zeros(max(int(values.max()), *labels) + 1, np.uint8)
        table[list(labels)] = list(labels.values())
        to_source = np.linalg.solve(painted.ijk_to_ras, move @ grid.ijk_to_ras)
        found.append(Layer(values.copy(), table, to_source))
    return found


def planes(layers: list[Layer], shape: tuple[int, int, int]) -> Iterator[tuple[np.ndarray, int]]:
    """Slice after slice of the volume of ``shape`` [k, j, i]: the labels uint8 [rows, columns], the
    higher one where segments overlap, and the lowest label that takes voxels (0: none)."""
    for k in range(shape[0]):
        labels, clash = np.zeros(shape[1:], np.uint8), 0
        for layer in layers:
            plane = layer.plane(k, *shape[1:])
            both = (labels > 0) & (plane > 0)
            np.maximum(labels, plane, out=labels)
            if both.any():
                clash = min(int(labels[both].min()), clash or 255)
        yield labels, clash
