"""Label maps -> segments: exact, undoable, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.errors import UserError
from S2VNetSlicerLib.scene.marks import segment_mask
from S2VNetSlicerLib.scene.results import SegmentationWriter

NAMES, COLOURS = ["liver", "vein"], [(1.0, 0.0, 0.0), (0.0, 0.5, 1.0)]


@pytest.fixture(params=["node", "moved"])
def placed(request):
    return request.getfixturevalue(request.param)


def written(writer, labels):
    """The segments equal ``labels`` exactly."""
    masks = [segment_mask(writer.volume_node, writer.node, s) for s in writer.segments]
    return all(np.array_equal(mask, labels == n + 1) for n, mask in enumerate(masks))


@pytest.fixture()
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


def test_unchanged_structures_are_not_written_again(writer, labels, monkeypatch):
    writer.write(labels)
    replaced = []
    original = writer._replace
    monkeypatch.setattr(
        writer, "_replace", lambda segment, *rest: replaced.append(segment) or original(segment, *rest)
    )
    labels[6, 0, 0] = 2
    writer.write(labels)
    assert replaced == [writer.segments[1]]
    assert written(writer, labels)


def test_segments_of_that_name_are_used_again(writer, labels):
    again = SegmentationWriter(writer.node, writer.volume_node)
    assert again.ensure_segments(NAMES, COLOURS) == writer.segments
    assert writer.node.GetSegmentation().GetNumberOfSegments() == 2


def test_one_undo_step_a_propagation(writer, labels):
    other = np.roll(labels, 1, 2)
    for result in (labels, other):
        writer.begin()
        for last in range(1, len(labels) + 1):
            writer.write(np.where(np.arange(len(labels))[:, None, None] < last, result, 0))
    assert written(writer, other)
    assert writer.undo()
    assert written(writer, labels)
    assert writer.redo()
    assert written(writer, other)
    assert writer.undo()
    assert writer.undo()
    assert written(writer, np.zeros_like(labels))
    assert not writer.undo()
    writer.write(labels)
    assert written(writer, labels)


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
    surfaces = [inner.GetSegment(s).GetRepresentation("Closed surface") for s in kept]
    points = [surface.GetNumberOfPoints() for surface in surfaces]
    assert min(points) > 0
    writer = SegmentationWriter(segmentation, placed)
    writer.ensure_segments(NAMES, COLOURS)
    writer.begin()
    writer.write(labels)
    assert written(writer, labels)
    assert written(other, mine)
    for segment, surface, count in zip(kept, surfaces, points, strict=True):
        assert inner.GetSegment(segment).GetRepresentation("Closed surface") is surface
        assert surface.GetNumberOfPoints() == count


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
    writer.node.GetSegmentation().RemoveSegment(writer.segments[0])
    with pytest.raises(UserError, match="segment was removed"):
        writer.write(labels)
    scene.RemoveNode(writer.node)
    with pytest.raises(UserError, match="segmentation is no longer in the scene"):
        writer.write(labels)
    scene.RemoveNode(writer.volume_node)
    with pytest.raises(UserError, match="volume is no longer in the scene"):
        writer.write(labels)


def test_a_segmentation_under_another_transform_is_refused(moved, segmentation, labels):
    segmentation.GetSegmentation().AddEmptySegment("", "older", (1, 0, 0))
    with pytest.raises(UserError, match="another transform"):
        SegmentationWriter(segmentation, moved)
