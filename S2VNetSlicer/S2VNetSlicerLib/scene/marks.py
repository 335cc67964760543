"""Painted segments become marks on the grid of a volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import UserError
from ..volumes.geometry import Geometry
from .volumes import (
    array_to_matrix,
    check_in_scene,
    local_geometry,
    matrix_to_array,
    to_world,
)

BINARY_LABELMAP = "Binary labelmap"  # Slicer's name of the representation
ROLE, MARKS = "S2VNet.role", "marks"
"""The attribute of a segmentation node that belongs to another one, and its value for marks."""


def seeds_from_segments(
    volume_node: Any, segmentation_node: Any, segments: Mapping[int, str]
) -> np.ndarray:
    """Marks uint8 [k, j, i] from painted segments, one segment ID for each value.

    Segments on another grid or under another transform are resampled (nearest voxel). Raises
    UserError for a segment that is missing or outside the volume, or two values on one voxel.
    """
    check_in_scene(volume_node, "volume")
    seeds = np.zeros(local_geometry(volume_node).shape, np.uint8)
    for value, segment in segments.items():
        mask = segment_mask(volume_node, segmentation_node, segment)
        name = segmentation_node.GetSegmentation().GetSegment(segment).GetName()
        if not mask.any() and _painted(segmentation_node, segment)[0].any():
            raise UserError(
                "{name} is painted only outside {volume}: paint inside the volume.",
                name=name,
                volume=volume_node.GetName(),
            )
        _add(seeds, mask, value, name)
    return seeds


def check_paintable(segmentation_node: Any) -> None:
    """Raise UserError unless the segmentation is in the scene and consists of voxels."""
    check_in_scene(segmentation_node, "segmentation")
    if segmentation_node.GetSegmentation().GetSourceRepresentationName() != BINARY_LABELMAP:
        raise UserError(
            "{name} is made of surfaces: make the binary label map its source in the "
            "Segmentations module.",
            name=segmentation_node.GetName(),
        )


def segment_mask(volume_node: Any, segmentation_node: Any, segment: str) -> np.ndarray:
    """One segment as bool [k, j, i] on the grid of the volume; UserError when it is missing."""
    check_in_scene(volume_node, "volume")
    painted, painted_grid = _painted(segmentation_node, segment)
    return _placed(volume_node, segmentation_node, painted.view(np.uint8), painted_grid) > 0


def label_maps(
    volume_node: Any, segmentation_node: Any, segments: Mapping[str, int]
) -> Iterator[tuple[list[int], np.ndarray]]:
    """The segments on the grid of the volume, all that share a layer at once.

    ``segments`` gives IDs their numbers, 1 to 255. Yields the numbers of each layer (a shared
    binary label map, within which nothing overlaps) and its label map uint8 [k, j, i]; segments
    that are missing or empty count as a layer without voxels.
    """
    check_in_scene(volume_node, "volume")
    check_paintable(segmentation_node)
    layers: dict[Any, dict[str, int]] = {}
    for id, number in segments.items():
        found = segmentation_node.GetSegmentation().GetSegment(id)
        image = None if found is None else found.GetRepresentation(BINARY_LABELMAP)
        layer = None if image is None or image.IsEmpty() else image
        layers.setdefault(layer, {})[id] = number
    for layer, numbers in layers.items():
        labels, painted_grid = np.zeros((1, 1, 1), np.uint8), Geometry((1, 1, 1), np.eye(4))
        if layer is not None:
            values, painted_grid = _voxels(layer)
            table = np.zeros(int(values.max()) + 1, np.uint8)
            for id, number in numbers.items():
                value = segmentation_node.GetSegmentation().GetSegment(id).GetLabelValue()
                table[value : value + 1] = number
            labels = np.empty(values.shape, np.uint8)
            for k in range(len(labels)):  # as a whole the indices would take eight times the memory
                labels[k] = table[values[k].astype(np.intp, copy=False)]
        yield [*numbers.values()], _placed(volume_node, segmentation_node, labels, painted_grid)


def _placed(
    volume_node: Any, segmentation_node: Any, painted: np.ndarray, painted_grid: Geometry
) -> np.ndarray:
    """``painted`` uint8 of a segmentation on the grid of the volume [k, j, i], nearest voxel."""
    grid = local_geometry(volume_node)
    labels = np.zeros(grid.shape, np.uint8)
    if not painted.any():
        return labels
    move = np.linalg.solve(to_world(volume_node), to_world(segmentation_node))
    onto = np.linalg.solve(grid.ijk_to_ras, move @ painted_grid.ijk_to_ras)
    corner = np.rint(onto[:3, 3])
    exact = np.eye(4)
    exact[:3, 3] = corner
    if np.abs((onto - exact) @ [*painted.shape[::-1], 1]).max() > 1e-3:
        return _resampled(painted, painted_grid, move, grid)
    # The same lattice, only another part of it.
    low = corner.astype(int)[::-1]
    first = np.maximum(low, 0)
    last = np.minimum(low + painted.shape, grid.shape)
    if (first < last).all():
        here = tuple(map(slice, first, last))
        labels[here] = painted[tuple(map(slice, first - low, last - low))]
    return labels


def _painted(segmentation_node: Any, segment: str) -> tuple[np.ndarray, Geometry]:
    """The voxels of one segment as stored, bool [k, j, i], and their grid in the node's RAS."""
    check_paintable(segmentation_node)
    found = segmentation_node.GetSegmentation().GetSegment(segment)
    if found is None:
        raise UserError(
            "{name} has no segment {segment}: choose another one.",
            name=segmentation_node.GetName(),
            segment=segment,
        )
    image = found.GetRepresentation(BINARY_LABELMAP)
    if image is None or image.IsEmpty():
        return np.zeros((1, 1, 1), bool), Geometry((1, 1, 1), np.eye(4))
    labels, grid = _voxels(image)  # a layer (shared binary label map) holds several segments
    return labels == found.GetLabelValue(), grid


def _voxels(image: Any) -> tuple[np.ndarray, Geometry]:
    """A view [k, j, i] of a vtkOrientedImageData and its grid."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    shape = image.GetDimensions()[::-1]
    matrix = vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    start = np.eye(4)
    start[:3, 3] = image.GetExtent()[::2]
    values = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape)
    return values, Geometry(shape, matrix_to_array(matrix) @ start)


def _resampled(
    painted: np.ndarray, painted_grid: Geometry, move: np.ndarray, grid: Geometry
) -> np.ndarray:
    """``painted``, whose RAS ``move`` [4, 4] takes into that of ``grid``, by nearest voxel."""
    from slicer import vtkOrientedImageData, vtkOrientedImageDataResample
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonTransforms import vtkTransform

    image = oriented_image(painted, painted_grid)
    reference = oriented_image(np.zeros(grid.shape, np.uint8), grid)
    placed = vtkOrientedImageData()
    transform = vtkTransform()
    transform.SetMatrix(array_to_matrix(move))
    vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, reference, placed, False, False, transform
    )
    return vtk_to_numpy(placed.GetPointData().GetScalars()).reshape(grid.shape).copy()


def oriented_image(
    block: np.ndarray, grid: Geometry, corner: tuple[int, int, int] = (0, 0, 0)
) -> Any:
    """``block`` uint8 [k, j, i], whose first voxel is ``corner`` (k, j, i) of ``grid``, as a
    vtkOrientedImageData with that extent."""
    from slicer import vtkOrientedImageData
    from vtkmodules.util.numpy_support import numpy_to_vtk

    image = vtkOrientedImageData()
    (k, j, i), (slices, rows, columns) = corner, block.shape
    image.SetExtent(i, i + columns - 1, j, j + rows - 1, k, k + slices - 1)
    image.SetImageToWorldMatrix(array_to_matrix(grid.ijk_to_ras))
    scalars = numpy_to_vtk(np.ascontiguousarray(block).ravel(), deep=1)
    image.GetPointData().SetScalars(scalars)
    return image


def _add(seeds: np.ndarray, mask: np.ndarray, value: int, name: str) -> None:
    clash = mask & (seeds > 0) & (seeds != value)
    if clash.any():
        k, j, i = np.argwhere(clash)[0].tolist()
        raise UserError(
            "{name} and another class both mark voxel ({i}, {j}, {k}): erase one.",
            name=name,
            i=i,
            j=j,
            k=k,
        )
    seeds[mask] = value
