"""Painting with other modules: into the marks, the result, and segments of others."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.scene.marks import oriented_image, segment_mask
from S2VNetSlicerLib.scene.volumes import local_geometry


def test_painting_into_the_marks_is_marking(edit, presenter, begin, node, check):
    first, _ = begin(presenter)
    marks_node = presenter.workspace.mirror.marks_node
    assert marks_node.GetName() == "knee segmentation marks"
    assert marks_node.GetAttribute("S2VNet.role") == "marks"
    mask = segment_mask(node, marks_node, first)
    mask[9, 30:33, 20:25] = True
    edit(node, marks_node, first, mask)
    presenter.wait()
    assert (presenter.annotation.marks[9] == 2).sum() == 15
    assert (presenter.annotation.labels[9, 30:33, 20:25] == 1).all()
    check(presenter)
    mask[9] = False
    edit(node, marks_node, first, mask)
    presenter.wait()
    assert 9 not in presenter.annotation.marks
    assert presenter.undo()
    assert (presenter.annotation.marks[9] == 2).sum() == 15
    check(presenter)


def test_the_segment_editor_paints_marks(presenter, begin, node, check):
    from slicer import vtkSlicerSegmentEditorLogic

    first, _ = begin(presenter)
    scene = node.GetScene()
    logic = vtkSlicerSegmentEditorLogic()
    logic.SetMRMLScene(scene)
    parameters = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    logic.SetSegmentEditorNode(parameters)
    logic.SetSegmentationNode(presenter.workspace.mirror.marks_node)
    logic.SetSourceVolumeNode(node)
    logic.SetCurrentSegmentID(first)
    logic.UpdateReferenceGeometryImage()
    assert logic.ResetModifierLabelmapToDefault()
    mask = np.zeros((12, 48, 64), np.uint8)
    mask[2, 10:14, 40:46] = 1
    painted = oriented_image(mask, local_geometry(node))
    marks_node, add = presenter.workspace.mirror.marks_node, logic.ModificationModeAdd
    logic.ModifySegmentByLabelmap(marks_node, first, painted, add, False, False)
    presenter.wait()
    assert (presenter.annotation.marks[2] == 2).sum() == 24
    assert presenter.state.slice_status[2] == 2
    check(presenter)


def test_edits_of_the_result_are_kept_by_every_later_run(edit, presenter, begin, draw, node, check):
    first, second = begin(presenter)
    presenter.propagate()
    presenter.wait()
    mask = segment_mask(node, presenter.workspace.node, first)
    mask[7, 2:40, 2:50] ^= True  # much of the slice, so that the network says otherwise
    emptied = int(np.flatnonzero(mask[:5].any((1, 2)))[0])
    mask[emptied] = False
    edit(node, presenter.workspace.node, first, mask)
    presenter.tick()
    assert presenter.state.slice_status[[7, emptied]].tolist() == [2, 2]
    for z in (3, 10):
        presenter.select_class(second)
        draw(presenter, z, (20, 40), (30, 50))
        presenter.propagate()
        presenter.wait()
        now = segment_mask(node, presenter.workspace.node, first)
        assert np.array_equal(now[7, 2:40, 2:50], mask[7, 2:40, 2:50])
        assert not now[emptied][presenter.annotation.marks[emptied] > 0].any()
        check(presenter)
    while presenter.state.can_undo:
        presenter.undo()
        check(presenter)


def test_foreign_segments_are_never_touched(edit, presenter, begin, draw, node, check):
    first, _ = begin(presenter)
    segmentation = presenter.workspace.node.GetSegmentation()
    foreign = segmentation.AddEmptySegment("", "implant")
    mask = np.zeros((12, 48, 64), bool)
    mask[4:7, 15:30, 20:40] = True
    edit(node, presenter.workspace.node, foreign, mask)
    presenter.propagate()
    for _ in range(4):
        presenter.tick()
    mask[8, 2:5] = True
    edit(node, presenter.workspace.node, foreign, mask)
    presenter.wait()
    presenter.accept(4)
    presenter.undo()
    presenter.undo()
    presenter.remove_class(first)
    assert np.array_equal(segment_mask(node, presenter.workspace.node, foreign), mask)
    assert foreign not in [row.id for row in presenter.state.classes]
    check(presenter)


def result_of_another(scene, node, edit, **masks):
    """A segmentation node with these segments, and their ids."""
    result = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "found")
    result.CreateDefaultDisplayNodes()
    result.SetReferenceImageGeometryParameterFromVolumeNode(node)
    ids = [result.GetSegmentation().AddEmptySegment("", name) for name in masks]
    for id, mask in zip(ids, masks.values(), strict=True):
        edit(node, result, id, mask)
    return result, ids


def test_correcting_another_methods_result(edit, presenter, node, scene, draw, check):
    truth = np.zeros((2, 12, 48, 64), bool)
    truth[0, 2:9, 12:28, 20:40] = True
    truth[1, 2:9, 30:44, 44:60] = True
    result, ids = result_of_another(scene, node, edit, femur=truth[0], tibia=truth[1])
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.state.classes == ()
    assert presenter.correct()
    assert presenter.state.slices == 12, "the strip is there at once"
    assert presenter.go_to(5)
    assert presenter.state.can_accept
    assert [row.id for row in presenter.state.classes] == ids
    assert [row.changed_voxels for row in presenter.state.classes] == [0, 0]
    check(presenter)
    presenter.select_class(ids[0])
    draw(presenter, 5, (5, 5), (8, 12), radius=3)
    presenter.wait()
    row = presenter.state.classes[0]
    assert row.changed_voxels > 0
    assert row.changed_ml == pytest.approx(row.changed_voxels * 0.9 * 0.9 * 3 / 1000)
    check(presenter)
    kept = result.GetNodeReference("S2VNet.automatic")
    assert kept.GetHideFromEditors()
    for id, mask in zip(ids, truth, strict=True):
        assert np.array_equal(segment_mask(node, kept, id), mask)
    assert [row.name for row in presenter.state.segmentations] == ["found"]
    presenter.undo()
    assert [row.changed_voxels for row in presenter.state.classes] == [0, 0]
    for id, mask in zip(ids, truth, strict=True):
        assert np.array_equal(segment_mask(node, result, id), mask)


def test_correcting_again_loses_nothing(edit, presenter, node, scene, draw, check):
    """A segment that another module adds to a result that is being corrected."""
    mask = np.zeros((12, 48, 64), bool)
    mask[2:9, 12:28, 20:40] = True
    result, (femur,) = result_of_another(scene, node, edit, femur=mask)
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    draw(presenter, 5, (5, 5), (8, 12), radius=3)
    presenter.wait()
    corrected = presenter.annotation.labels.copy()
    assert not np.array_equal(corrected > 0, mask)
    other = np.zeros_like(mask)
    other[10:, 40:, 50:] = True
    tibia = result.GetSegmentation().AddEmptySegment("", "tibia")
    edit(node, result, tibia, other)
    presenter.wait()
    assert presenter.correct()
    assert [row.id for row in presenter.state.classes] == [femur, tibia]
    expected = np.where(other & (corrected == 0), 2, corrected)
    assert np.array_equal(presenter.annotation.labels, expected)
    assert presenter.state.classes[0].changed_voxels == (corrected != mask).sum()
    check(presenter)


def test_an_overlap_is_told_and_the_original_stays(edit, presenter, node, scene, check):
    masks = np.zeros((2, 12, 48, 64), bool)
    masks[0, 2:9, 12:28, 20:40] = True
    masks[1, 5:11, 20:40, 30:50] = True
    result, ids = result_of_another(scene, node, edit, body=masks[0], organ=masks[1])
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    assert "organ overlaps other segments" in presenter.state.message
    assert "found automatic" in presenter.state.message
    labels = presenter.annotation.labels
    assert np.array_equal(labels, np.where(masks[1], 2, masks[0]))
    kept = result.GetNodeReference("S2VNet.automatic")
    for id, mask in zip(ids, masks, strict=True):
        assert np.array_equal(segment_mask(node, kept, id), mask)
