"""A segmentation of any grid as labels on the grid of a volume, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

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
