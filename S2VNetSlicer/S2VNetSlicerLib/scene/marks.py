"""Markups and painted segments become marks on the grid of a volume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import UserError
from ..volumes.geometry import Geometry
from .volumes import check_in_scene, local_geometry, to_world


def seeds_from_markups(volume_node: Any, markups: Mapping[int, Any]) -> np.ndarray:
    """Marks uint8 [k, j, i] from point lists, one for each value (1 background, 2.. structures).

    A control point marks the voxel it lies in; parent transforms of both sides count. Raises
    UserError for a list outside the volume or two values on one voxel.
    """
    check_in_scene(volume_node, "volume")
    local = local_geometry(volume_node)
    grid = Geometry(local.shape, to_world(volume_node) @ local.ijk_to_ras)
    seeds = np.zeros(grid.shape, np.uint8)
    for value, node in markups.items():
        check_in_scene(node, "list of points")
        points = np.array(
            [
                node.GetNthControlPointPositionWorld(n)
                for n in range(node.GetNumberOfControlPoints())
                if node.GetNthControlPointPositionStatus(n) == node.PositionDefined
            ]
        ).reshape(-1, 3)
        voxels = np.rint(grid.ras_to_ijk(points)).astype(int)[:, ::-1]
        inside = ((voxels >= 0) & (voxels < grid.shape)).all(1)
        if len(points) and not inside.any():
            raise UserError(f"All points of {node.GetName()} lie outside the volume: move them.")
        mask = np.zeros(grid.shape, bool)
        mask[tuple(voxels[inside].T)] = True
        _add(seeds, mask, value, node.GetName())
    return seeds


def seeds_from_segments(
    volume_node: Any, segmentation_node: Any, segments: Mapping[int, str]
) -> np.ndarray:
    """Marks uint8 [k, j, i] from painted segments, one segment ID for each value.

    Segments on another grid or under another transform are resampled (nearest voxel). Raises
    UserError for a segment that is missing or outside the volume, or two values on one voxel.
    """
    seeds = np.zeros(local_geometry(volume_node).shape, np.uint8)
    for value, segment in segments.items():
        mask = segment_mask(volume_node, segmentation_node, segment)
        name = segmentation_node.GetSegmentation().GetSegment(segment).GetName()
        _add(seeds, mask, value, name)
    return seeds


def segment_mask(volume_node: Any, segmentation_node: Any, segment: str) -> np.ndarray:
    """One segment as bool [k, j, i] on the grid of the volume."""
    from slicer import (
        vtkMRMLTransformNode,
        vtkOrientedImageData,
        vtkOrientedImageDataResample,
    )
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonTransforms import vtkGeneralTransform

    check_in_scene(volume_node, "volume")
    check_in_scene(segmentation_node, "segmentation")
    if segmentation_node.GetSegmentation().GetSegment(segment) is None:
        raise UserError(
            f"{segmentation_node.GetName()} has no segment {segment}: choose another one."
        )
    grid = local_geometry(volume_node)
    painted = vtkOrientedImageData()
    segmentation_node.GetBinaryLabelmapRepresentation(segment, painted)
    # An erased segment of a shared layer is not empty, it holds zeros.
    if painted.IsEmpty() or painted.GetScalarRange()[1] == 0:
        return np.zeros(grid.shape, bool)
    reference = oriented_image(np.zeros(grid.shape, np.uint8), grid, (0, 0, 0))
    between = vtkGeneralTransform()
    vtkMRMLTransformNode.GetTransformBetweenNodes(
        segmentation_node.GetParentTransformNode(), volume_node.GetParentTransformNode(), between
    )
    placed = vtkOrientedImageData()
    vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        painted, reference, placed, False, False, between
    )
    mask = vtk_to_numpy(placed.GetPointData().GetScalars()).reshape(grid.shape) > 0
    if not mask.any():
        raise UserError(
            f"{segmentation_node.GetSegmentation().GetSegment(segment).GetName()} is painted only "
            f"outside {volume_node.GetName()}: paint inside the volume."
        )
    return mask


def oriented_image(block: np.ndarray, grid: Geometry, corner: tuple[int, int, int]) -> Any:
    """``block`` uint8 [k, j, i], whose first voxel is ``corner`` (k, j, i) of ``grid``, as a
    vtkOrientedImageData with that extent."""
    from slicer import vtkOrientedImageData
    from vtkmodules.util.numpy_support import numpy_to_vtk

    from .volumes import array_to_matrix

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
        raise UserError(f"{name} and another class both mark voxel ({i}, {j}, {k}): erase one.")
    seeds[mask] = value
