"""Label maps -> segments: exact, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.audit import read_audit, write_audit
from S2VNetSlicerLib.scene.marks import BINARY_LABELMAP, oriented_image, segment_mask
from S2VNetSlicerLib.scene.results import SegmentationWriter
from slicer import vtkOrientedImageData, vtkOrientedImageDataResample
from vtkmodules.util.numpy_support import vtk_to_numpy

NAMES, COLOURS = ["liver", "vein"], [(1.0, 0.0, 0.0), (0.0, 0.5, 1.0)]


@pytest.fixture(params=["node", "moved"])
def placed(request):
    return request.getfixturevalue(request.param)


def written(writer, labels):
    """The segments equal ``labels`` exactly."""
    masks = [segment_mask(writer.volume_node, writer.node, s) for s in writer.segments]
    return all(np.array_equal(mask, labels == n + 1) for n, mask in enumerate(masks))


def state(segmentation, segment):
    """The voxels and the surface of a segment, byte for byte."""
    inner = segmentation.GetSegmentation().GetSegment(segment)
    image = vtkOrientedImageData()
    segmentation.GetBinaryLabelmapRepresentation(segment, image)
    extent = [0, -1] * 3
    vtkOrientedImageDataResample.CalculateEffectiveExtent(image, extent)
    image.Crop(extent)
    surface = inner.GetRepresentation("Closed surface")
    assert surface.GetNumberOfPoints() > 0
    return (
        extent,
        vtk_to_numpy(image.GetPointData().GetScalars()).tobytes(),
        vtk_to_numpy(surface.GetPoints().GetData()).tobytes(),
        vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).tobytes(),
    )


@pytest.fixture
def writer(placed, segmentation):
    made = SegmentationWriter(segmentation, placed)
    made.ensure_segments(NAMES, COLOURS)
    return made


def test_segments_equal_the_labels(writer, labels, placed):
    writer.write(labels)
    assert written(writer, labels)
    assert writer.node.GetParentTransformNode() is placed.GetParentTransformNode()
    segmentation = writer.node.GetSegmentation()
    assert [segmentation.GetSegment(s).GetName() for s in writer.segments] == NAMES
    assert segmentation.GetSegment(writer.segments[1]).GetColor() == COLOURS[1]


def test_writing_while_slices_arrive_ends_with_the_same(writer, labels):
    growing = np.zeros_like(labels)
    for z in (3, 2, 4, 1, 5, 0, 6):
        growing[z] = labels[z]
        writer.write(growing)
        assert written(writer, growing)


def test_a_structure_can_vanish_and_return(writer, labels):
    writer.write(labels)
    writer.write(np.where(labels == 1, 0, labels))
    assert written(writer, np.where(labels == 1, 0, labels))
    writer.write(labels)
    assert written(writer, labels)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slices_written_one_by_one_equal_the_whole(writer, labels, axis):
    slices = np.moveaxis(labels, axis, 0)
    writer.write_slices(slices[3:5], 3, axis)
    growing = np.zeros_like(labels)
    np.moveaxis(growing, axis, 0)[3:5] = slices[3:5]
    assert written(writer, growing)
    for z in (2, 5, 1, *range(6, len(slices)), 0):
        writer.write_slices(slices[z : z + 1], z, axis)
    assert written(writer, labels)
    writer.finish()
    assert written(writer, labels)


def test_views_hear_of_changes_only(writer, labels):
    from slicer import vtkSegmentation

    heard = []
    writer.write_slices(labels[:3], 0)
    writer.node.AddObserver(vtkSegmentation.RepresentationModified, lambda *_: heard.append(1))
    modified = writer.node.GetBinaryLabelmapInternalRepresentation(writer.segments[0]).GetMTime()
    writer.write_slices(labels[:3], 0)
    assert not heard
    writer.write_slices(labels[3:4], 3)
    assert heard
    image = writer.node.GetBinaryLabelmapInternalRepresentation(writer.segments[0])
    assert image.GetMTime() > modified


def test_the_audit_is_the_last_one(writer, labels):
    first, second = {"made": [1] * 7}, {"made": [1, 2] + [1] * 5}
    for facts, result in ((first, labels), (second, np.roll(labels, 1, 0))):
        writer.write(result)
        write_audit(writer.node, writer.segments, facts)
    assert read_audit(writer.node, writer.segments[1]) == second


def test_surfaces_follow_at_the_end(placed, segmentation, labels):
    writer = SegmentationWriter(segmentation, placed)
    first, _ = writer.ensure_segments(NAMES, COLOURS)
    writer.write(labels)
    segmentation.CreateClosedSurfaceRepresentation()
    before = state(segmentation, first)
    writer.write_slices(np.where(labels == 1, 0, labels)[:4], 0)
    writer.finish()
    assert state(segmentation, first)[2] != before[2]


def test_the_user_may_paint_during_a_propagation(writer, labels):
    from slicer import vtkSlicerSegmentationsModuleLogic as Logic

    writer.write_slices(labels[:3], 0)
    inner = writer.node.GetSegmentation()
    # Slicer puts a new segment into the first layer, which is the writer's.
    new = inner.AddEmptySegment("", "new", (1, 1, 0))
    inner.GetSegment(new).SetLabelValue(inner.GetUniqueLabelValueForSharedLabelmap(new))
    mine = np.zeros_like(labels)
    mine[::3, ::8, ::10] = 1  # up to the corners: the layer keeps its extent
    image = oriented_image(mine, writer.grid)
    Logic.SetBinaryLabelmapToSegment(image, writer.node, new, Logic.MODE_MERGE_MASK)
    more = np.zeros_like(labels)
    more[1, 0, 0] = 1
    image = oriented_image(more, writer.grid)
    Logic.SetBinaryLabelmapToSegment(image, writer.node, writer.segments[0], Logic.MODE_MERGE_MASK)
    writer.write_slices(labels[3:], 3)
    assert written(writer, labels | more)
    assert np.array_equal(segment_mask(writer.volume_node, writer.node, new), mine > 0)
    writer.finish()
    assert written(writer, labels | more)
    assert np.array_equal(segment_mask(writer.volume_node, writer.node, new), mine > 0)


def test_segments_of_that_name_are_used_again(writer, labels):
    again = SegmentationWriter(writer.node, writer.volume_node)
    assert again.ensure_segments(NAMES, COLOURS) == writer.segments
    assert writer.node.GetSegmentation().GetNumberOfSegments() == 2


def test_a_new_class_joins_the_layer(writer, labels):
    writer.write_slices(labels, 0)
    segmentation = writer.node.GetSegmentation()
    layer = segmentation.GetSegment(writer.segments[0]).GetRepresentation(BINARY_LABELMAP)
    new = segmentation.AddEmptySegment("", "third", (0.0, 1.0, 0.0))
    writer.segments = [*writer.segments, new]
    more = labels.copy()
    more[0, 0, 0] = 3
    writer.write_slices(more, 0)
    assert segmentation.GetSegment(new).GetRepresentation(BINARY_LABELMAP) is layer
    assert written(writer, more)


@pytest.mark.parametrize("shared", [True, False])
def test_other_segments_are_not_touched(placed, segmentation, labels, shared):
    mine = np.zeros_like(labels)
    mine[0:4, 2:5, 3:7] = 1
    mine[4:6, 0:3, 0:4] = 2
    other = SegmentationWriter(segmentation, placed)
    kept = other.ensure_segments(["tumour", "node"], COLOURS)
    other.write(mine)
    inner = segmentation.GetSegmentation()
    if shared:
        inner.CollapseBinaryLabelmaps(False)
    else:
        for segment in kept:
            inner.SeparateSegmentLabelmap(segment)
    segmentation.CreateClosedSurfaceRepresentation()
    before = [state(segmentation, segment) for segment in kept]
    writer = SegmentationWriter(segmentation, placed)
    writer.ensure_segments(NAMES, COLOURS)
    for z in range(len(labels)):
        writer.write_slices(labels[z : z + 1], z)
    writer.finish()
    assert written(writer, labels)
    assert [state(segmentation, segment) for segment in kept] == before
    writer.write(np.zeros_like(labels))
    assert [state(segmentation, segment) for segment in kept] == before
    # Written segments leave a layer that they share with the others.
    writer.write(labels)
    inner.CollapseBinaryLabelmaps(False)
    assert inner.GetNumberOfLayers() < 4
    writer.write(np.roll(labels, 1, 2))
    assert written(writer, np.roll(labels, 1, 2))
    assert [state(segmentation, segment) for segment in kept] == before
    for segment in kept:
        layer = inner.GetSegment(segment).GetRepresentation("Binary labelmap")
        sharing = [
            inner.GetSegment(s).GetLabelValue()
            for s in inner.GetSegmentIDsForLayer(inner.GetLayerIndex(segment))
        ]
        present = set(vtk_to_numpy(layer.GetPointData().GetScalars()).tolist())
        assert present <= {0, *sharing}, "voxels that belong to no segment"


def test_the_written_segments_surface_follows(placed, segmentation, labels):
    writer = SegmentationWriter(segmentation, placed)
    first, _ = writer.ensure_segments(NAMES, COLOURS)
    writer.write(labels)
    segmentation.CreateClosedSurfaceRepresentation()
    inner = segmentation.GetSegmentation()
    before = inner.GetSegment(first).GetRepresentation("Closed surface").GetBounds()
    writer.write(np.where(labels == 1, 0, labels) + np.where(np.roll(labels, -2, 0) == 1, 1, 0))
    after = inner.GetSegment(first).GetRepresentation("Closed surface")
    assert after is not None
    assert after.GetBounds() != before


def test_what_left_the_scene_is_named(writer, labels, scene):
    with pytest.raises(UserError, match="shape"):
        writer.write(labels[1:])
    with pytest.raises(UserError, match="no slice 7"):
        writer.write_slices(labels[:1], 7)
    with pytest.raises(UserError, match="structure 3: add a segment"):
        writer.write(labels + np.uint8(1))
    writer.write_slices(labels[:3], 0)
    writer.node.GetSegmentation().RemoveSegment(writer.segments[0])
    with pytest.raises(UserError, match="segment was removed"):
        writer.write(labels)
    scene.RemoveNode(writer.node)
    with pytest.raises(UserError, match="segmentation is no longer in the scene"):
        writer.finish()
    with pytest.raises(UserError, match="segmentation is no longer in the scene"):
        writer.write_slices(labels[3:], 3)
    scene.RemoveNode(writer.volume_node)
    with pytest.raises(UserError, match="volume is no longer in the scene"):
        writer.write(labels)


def test_a_segmentation_under_another_transform_is_refused(moved, segmentation, labels):
    segmentation.GetSegmentation().AddEmptySegment("", "older", (1, 0, 0))
    with pytest.raises(UserError, match="another transform"):
        SegmentationWriter(segmentation, moved)


def test_a_segmentation_of_surfaces_is_refused(node, segmentation, labels):
    writer = SegmentationWriter(segmentation, node)
    writer.ensure_segments(NAMES, COLOURS)
    writer.write(labels)
    segmentation.CreateClosedSurfaceRepresentation()
    segmentation.GetSegmentation().SetSourceRepresentationName("Closed surface")
    with pytest.raises(UserError, match="seg is made of surfaces"):
        writer.write(labels)
    with pytest.raises(UserError, match="seg is made of surfaces"):
        segment_mask(node, segmentation, writer.segments[0])
