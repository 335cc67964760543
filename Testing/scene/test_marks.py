"""Markups and painted segments -> marks."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.marks import oriented_image, seeds_from_markups, seeds_from_segments
from S2VNetSlicerLib.scene.results import SegmentationWriter
from S2VNetSlicerLib.scene.volumes import local_geometry, volume_from_node


def points(scene, node, name, voxels):
    """A point list at voxels (i, j, k) of a volume node, in the world."""
    found = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    world = volume_from_node(node).geometry.ijk_to_ras_points(np.array(voxels, float))
    for point in world.tolist():
        found.AddControlPointWorld(point)
    return found


@pytest.mark.parametrize("which", ["node", "moved"])
def test_points_mark_their_voxels(which, request, scene):
    node = request.getfixturevalue(which)
    structure = points(scene, node, "liver", [(3, 4, 5), (10, 8, 6), (0, 0, 0), (40, 0, 0)])
    background = points(scene, node, "background", [(1, 2.3, 3.4)])
    seeds = seeds_from_markups(node, {2: structure, 1: background})
    assert seeds[5, 4, 3] == seeds[6, 8, 10] == seeds[0, 0, 0] == 2
    assert seeds[3, 2, 1] == 1
    assert (seeds > 0).sum() == 4


def test_points_that_cannot_be_marks(node, scene):
    outside = points(scene, node, "far", [(50, 50, 50)])
    with pytest.raises(UserError, match="far lie outside"):
        seeds_from_markups(node, {2: outside})
    one, two = points(scene, node, "a", [(3, 4, 5)]), points(scene, node, "b", [(3, 4, 5)])
    with pytest.raises(UserError, match=r"both mark voxel \(3, 4, 5\)"):
        seeds_from_markups(node, {2: one, 3: two})


def test_unplaced_points_mark_nothing(node, scene):
    found = points(scene, node, "liver", [(3, 4, 5), (6, 6, 6)])
    found.UnsetNthControlPointPosition(1)
    assert (seeds_from_markups(node, {2: found}) > 0).sum() == 1


@pytest.mark.parametrize("which", ["node", "moved"])
def test_painted_segments_mark_their_voxels(which, request, segmentation, labels):
    node = request.getfixturevalue(which)
    writer = SegmentationWriter(segmentation, node)
    first, second = writer.ensure_segments(["a", "b"], [(1, 0, 0), (0, 1, 0)])
    writer.write(labels)
    seeds = seeds_from_segments(node, segmentation, {2: first, 3: second})
    assert np.array_equal(seeds, np.where(labels > 0, labels + 1, 0))


def test_segments_under_another_transform_are_placed(moved, segmentation, labels):
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    # Painted in the world, where the volume is after its transform.
    world = volume_from_node(moved).geometry
    segment = segmentation.GetSegmentation().AddEmptySegment("", "a", (1, 0, 0))
    image = oriented_image((labels == 1).astype(np.uint8), world, (0, 0, 0))
    Logic.SetBinaryLabelmapToSegment(image, segmentation, segment, Logic.MODE_REPLACE)
    seeds = seeds_from_segments(moved, segmentation, {2: segment})
    assert np.array_equal(seeds == 2, labels == 1)


def test_segments_that_cannot_be_marks(node, segmentation, labels):
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    with pytest.raises(UserError, match="has no segment nobody"):
        seeds_from_segments(node, segmentation, {2: "nobody"})
    grid = local_geometry(node)
    segment = segmentation.GetSegmentation().AddEmptySegment("", "far", (1, 0, 0))
    image = oriented_image(np.ones((2, 2, 2), np.uint8), grid, (90, 90, 90))
    Logic.SetBinaryLabelmapToSegment(image, segmentation, segment, Logic.MODE_REPLACE)
    with pytest.raises(UserError, match="far is painted only outside knee"):
        seeds_from_segments(node, segmentation, {2: segment})
    empty = segmentation.GetSegmentation().AddEmptySegment("", "empty", (1, 0, 0))
    assert not seeds_from_segments(node, segmentation, {2: empty}).any()
