"""The right patient and the right slice: what is marked, accepted, corrected and shown belongs
together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from S2VNetSlicerLib.annotation.slice_status import SliceStatus
from S2VNetSlicerLib.scene.belonging import share_inside, volume_of
from S2VNetSlicerLib.scene.marks import oriented_image
from S2VNetSlicerLib.scene.volumes import SEGMENTATION, volume_to_node
from S2VNetSlicerLib.volumes.geometry import Geometry


@pytest.fixture
def other(volume, scene):
    """The volume of another patient, elsewhere in the world."""
    affine = volume.geometry.ijk_to_ras.copy()
    affine[:3, 3] += 1000
    moved = replace(volume, geometry=Geometry(volume.geometry.shape, affine), name="head")
    return volume_to_node(moved, scene)


@pytest.fixture
def both(presenter, node, other, begin):
    """Work on the first volume, then on the second; the second is shown. Both segmentations."""
    begin(presenter)
    first = presenter.workspace.node
    assert presenter.choose_volume(other.GetID())
    begin(presenter)
    return first, presenter.workspace.node


def foreign(scene, grid, labels, name="found", corner=(0, 0, 0)):
    """A segmentation of another program on ``grid``, one segment for each label, on no volume."""
    result = scene.AddNewNodeByClass(SEGMENTATION, name)
    image = oriented_image(labels, grid, corner)
    ids = []
    for n in range(1, int(labels.max()) + 1):
        id = result.GetSegmentation().AddEmptySegment("", f"{name} {n}", (0.1 * n, 0.5, 0.5))
        segment = result.GetSegmentation().GetSegment(id)
        segment.SetLabelValue(n)
        segment.AddRepresentation("Binary labelmap", image)
        ids.append(id)
    result.CreateDefaultDisplayNodes()
    return result, ids


def visible(node):
    return bool(node.GetDisplayNode().GetVisibility())


# ---- volumes and their segmentations -------------------------------------------------------------


def test_a_volume_that_was_left_shows_its_own_segmentation_again(presenter, node, both):
    first, second = both
    kept = presenter.annotation.marks_volume()
    assert presenter.choose_volume(node.GetID())
    assert presenter.workspace.node is first
    assert [row.name for row in presenter.state.classes] == ["femur", "tibia"]
    assert presenter.state.can_undo
    marks = presenter.annotation.marks_volume()
    while presenter.state.can_undo:
        assert presenter.undo()
    assert not presenter.annotation.marks
    while presenter.state.can_redo:
        assert presenter.redo()
    assert np.array_equal(presenter.annotation.marks_volume(), marks)
    assert presenter.choose_segmentation(second.GetID())
    assert np.array_equal(presenter.annotation.marks_volume(), kept)


def test_a_segmentation_brings_its_volume_along(presenter, node, other, both):
    first, second = both
    assert presenter.choose_segmentation(first.GetID())
    assert presenter.state.volume == node.GetID()
    assert (volume_of(first), volume_of(second)) == (node, other)
    assert presenter.choose_segmentation(second.GetID())
    assert presenter.state.volume == other.GetID()


def test_a_segmentation_that_was_edited_meanwhile_is_read_anew(presenter, node, both, edit):
    first, _ = both
    assert presenter.choose_volume(node.GetID())
    id = presenter.state.classes[0].id
    assert presenter.choose_segmentation(both[1].GetID())
    mask = np.zeros((12, 48, 64), bool)
    mask[3, 5:9, 5:9] = True
    edit(node, first, id, mask)
    assert presenter.choose_volume(node.GetID())
    assert not presenter.state.can_undo, "the steps were on other voxels"
    assert np.array_equal(presenter.annotation.labels == 1, mask)


def test_only_segmentations_of_the_shown_volume_are_visible(presenter, node, both, scene):
    first, second = both
    marks = presenter.workspace.mirror.marks_node
    assert (visible(first), visible(second), visible(marks)) == (False, True, True)
    assert presenter.choose_volume(node.GetID())
    assert (visible(first), visible(second), visible(marks)) == (True, False, False)


def test_what_the_user_hid_stays_hidden_and_foreign_results_are_left_alone(
    presenter, node, other, both, scene
):
    first, _ = both
    result, _ = foreign(scene, presenter.workspace.grid(), np.ones((4, 4, 4), np.uint8))
    result.SetReferenceImageGeometryParameterFromVolumeNode(other)
    assert presenter.choose_volume(node.GetID())
    assert visible(result), "the user's own affair in Slicer"
    first.GetDisplayNode().SetVisibility(False)
    assert presenter.choose_volume(other.GetID())
    assert presenter.choose_volume(node.GetID())
    assert not visible(first)
    presenter.workspace.visibility.strict = True
    presenter.workspace.show_own()
    assert not visible(result), "the page shows one volume"


# ---- strokes and slices --------------------------------------------------------------------------


def view_of(scene, volume_node, name="Red"):
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode", name)
    view.SetLayoutName(name)
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode", name)
    composite.SetLayoutName(name)
    composite.SetBackgroundVolumeID(volume_node.GetID())
    return view


def try_stroke(presenter, z=5, at=(20, 30)):
    grid = presenter.workspace.grid()
    points = grid.ijk_to_ras_points(np.array([(at[1], at[0], z)], float))
    return presenter.stroke(points, 1.5, grid.ijk_to_ras[:3, 2] / grid.spacing[0])


def test_a_stroke_in_a_view_of_another_volume_is_refused(presenter, scene, node, other, both):
    before = presenter.annotation.marks_volume()
    presenter.targets.set(view_of(scene, node))
    assert not try_stroke(presenter)
    assert "The view shows knee, but head is marked" in presenter.state.message
    assert np.array_equal(presenter.annotation.marks_volume(), before)
    presenter.targets.set(view_of(scene, other, "Green"))
    assert try_stroke(presenter), presenter.state.message


def test_a_stroke_is_not_taken_by_what_was_chosen_meanwhile(presenter, node, other, both):
    first, _ = both
    presenter.targets.set()
    assert presenter.choose_segmentation(first.GetID())
    before = presenter.annotation.marks_volume()
    assert not try_stroke(presenter)
    assert "while the stroke was drawn" in presenter.state.message
    assert np.array_equal(presenter.annotation.marks_volume(), before)


def test_a_stroke_has_the_class_that_was_selected_at_the_press(presenter, begin):
    ids = begin(presenter)
    presenter.select_class(ids[0])
    presenter.targets.set()
    presenter.select_class(ids[1])
    assert try_stroke(presenter, 9)
    assert set(np.unique(presenter.annotation.marks[9])) == {0, 2}


def test_a_stroke_in_another_view_moves_no_cursor(presenter, begin, scene):
    begin(presenter)
    assert presenter.go_to(3)
    grid = presenter.workspace.grid()
    points = grid.ijk_to_ras_points(np.array([(30, 20, k) for k in range(6, 11)], float))
    normal = grid.ijk_to_ras[:3, 1] / np.linalg.norm(grid.ijk_to_ras[:3, 1])
    assert presenter.stroke(points, 1.0, normal)
    presenter.wait()
    assert presenter.state.slice == 3
    assert presenter.accept()
    assert np.flatnonzero(presenter.state.slice_status == SliceStatus.ACCEPTED).tolist() == [3]


def test_what_is_accepted_is_what_is_on_the_screen(presenter, begin, scene):
    begin(presenter)
    presenter.propagate()
    presenter.wait()
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode")
    grid = presenter.workspace.grid()
    view.SetSliceToRASByNTP(
        *(grid.ijk_to_ras[:3, 2] / grid.spacing[0]),
        *(grid.ijk_to_ras[:3, 0] / grid.spacing[2]),
        *grid.ijk_to_ras_points(np.array([(30.0, 20.0, 8.0)]))[0],
        0,
    )
    assert presenter.accept()  # no tick has followed the view yet
    assert np.flatnonzero(presenter.state.slice_status == SliceStatus.ACCEPTED).tolist() == [8]


# ---- results of other methods --------------------------------------------------------------------


def test_a_result_of_another_patient_is_refused(presenter, scene, other):
    labels = np.ones((6, 8, 8), np.uint8)
    result, _ = foreign(scene, Geometry((6, 8, 8), other_grid(presenter)), labels)
    assert not presenter.choose_segmentation(result.GetID())
    assert "lies outside knee" in presenter.state.message
    assert presenter.workspace.node is not result
    assert share_inside(other, result) == 1


def other_grid(presenter):
    affine = presenter.workspace.grid().ijk_to_ras.copy()
    affine[:3, 3] += 1000
    return affine


def test_a_result_that_hardly_lies_in_the_volume_asks_first(presenter, scene):
    grid = presenter.workspace.grid()
    labels = np.ones((12, 48, 64), np.uint8)
    move = np.eye(4)
    move[0, 3] = 48  # voxels along i, of 64
    result, ids = foreign(scene, Geometry(grid.shape, grid.ijk_to_ras @ move), labels)
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    assert "Only 25 %" in presenter.state.question
    assert not presenter.state.classes
    assert presenter.answer(False)
    assert presenter.state.question == ""
    assert not presenter.state.classes
    assert presenter.correct()
    assert presenter.answer(True)
    presenter.wait()
    assert [row.id for row in presenter.state.classes] == ids
    inside = presenter.annotation.labels > 0
    assert inside[:, :, 48:].all()
    assert not inside[:, :, :48].any()
    assert not presenter.answer(True)


def test_a_result_on_another_grid_is_converted_by_the_worker(presenter, scene, check, draw):
    """Coarse, and half a voxel off; its own voxels stay in a hidden node."""
    grid = presenter.workspace.grid()
    coarse = grid.ijk_to_ras @ np.diag([2.0, 2.0, 2.0, 1.0])
    coarse[:3, 3] += grid.ijk_to_ras[:3, :3] @ [0.3, 0.2, 0.1]
    labels = np.zeros((6, 24, 32), np.uint8)
    labels[1:5, 6:14, 10:20], labels[2:4, 16:20, 22:28] = 1, 2
    result, ids = foreign(scene, Geometry(labels.shape, coarse), labels)
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    assert presenter.state.busy == "Converting"
    assert presenter.state.total == 12
    presenter.wait()
    assert presenter.state.message == ""
    assert [row.id for row in presenter.state.classes] == ids
    ijk = np.indices(grid.shape)[::-1].reshape(3, -1)
    at = np.rint(np.linalg.solve(coarse, grid.ijk_to_ras)[:3] @ [*ijk, np.ones(ijk.shape[1])])
    at = at.astype(int)[::-1]
    inside = ((at >= 0) & (at < np.array(labels.shape)[:, None])).all(0)
    expected = np.zeros(ijk.shape[1], np.uint8)
    expected[inside] = labels[tuple(at[:, inside])]
    assert np.array_equal(presenter.annotation.labels.ravel(), expected)
    check(presenter)
    assert [row.changed_voxels for row in presenter.state.classes] == [0, 0]
    draw(presenter, 5, (5, 5), (5, 9))
    presenter.wait()
    check(presenter)


def test_only_marked_classes_of_a_result_change(presenter, scene, draw):
    random = np.random.default_rng(0)
    labels = np.kron(random.integers(0, 6, (4, 8, 8)), np.ones((3, 6, 8))).astype(np.uint8)
    result, ids = foreign(scene, presenter.workspace.grid(), labels)
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    presenter.select_class(ids[2])
    draw(presenter, 5, (5, 5), (40, 55), radius=4)
    presenter.wait()
    now = presenter.annotation.labels
    changed = now != labels
    assert changed.any()
    assert set(np.unique(now[changed & (labels != 3)])) == {3}, "others only lose to the marked one"
    assert set(np.unique(now[changed & (labels == 3)])) <= {0}
    told = presenter.state.provenance
    assert {origins[0] for origins in told} == {("result", "found")}


def test_all_others_are_locked_at_once(presenter, begin):
    ids = begin(presenter)
    third = presenter.add_class("third")
    assert presenter.lock_others(ids[1])
    assert presenter.annotation.locked == {ids[0], third}
    assert presenter.lock_others(ids[1])
    assert presenter.annotation.locked == set()


# ---- resuming ------------------------------------------------------------------------------------


def test_resuming_opens_what_was_shown(presenter, node, both, scene, make_presenter, tmp_path):
    first, _ = both
    assert presenter.choose_segmentation(first.GetID())
    name = first.GetName()
    assert presenter.save_scene(tmp_path / "two.mrb")
    presenter.close()
    scene.Clear(0)
    assert scene.ReadFromMRB(str(tmp_path / "two.mrb"), True, None)
    reopened = make_presenter()
    assert reopened.resume(), reopened.state.message
    assert reopened.workspace.node.GetName() == name
    assert "still to be carried through" in reopened.state.message
    assert reopened.propagate()
    reopened.wait()
    assert not reopened.annotation.pending


def test_a_corrected_result_is_still_one_after_resuming(
    presenter, scene, make_presenter, draw, tmp_path
):
    labels = np.zeros((12, 48, 64), np.uint8)
    labels[2:9, 10:30, 10:40] = 1
    result, _ = foreign(scene, presenter.workspace.grid(), labels, "Total")
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    assert presenter.save_scene(tmp_path / "c.mrb")
    presenter.close()
    scene.Clear(0)
    assert scene.ReadFromMRB(str(tmp_path / "c.mrb"), True, None)
    reopened = make_presenter()
    assert reopened.resume(), reopened.state.message
    annotation = reopened.annotation
    assert annotation.initial is not None
    assert annotation.initial.source == "Total"
    assert np.array_equal(annotation.initial.labels, labels)
    assert annotation.provenance[0] == (("result", "Total"),)


# ---- who made what -------------------------------------------------------------------------------


def test_who_made_what_is_told_and_read_again(presenter, begin, scene, tmp_path):
    from S2VNetSlicerLib.scene.audit import read_audit
    from S2VNetSlicerLib.scene.files import read_segmentation
    from S2VNetSlicerLib.workflow.display_text import provenance_text

    begin(presenter)
    presenter.propagate()
    presenter.wait()
    assert presenter.accept(2)
    state = presenter.state
    told = provenance_text(state.slice_status, state.provenance)
    expected = (
        "Slices 1-2, 4-5, 7-12 by the model small network; 3 accepted by you; 6 marked by you"
    )
    assert told == expected
    facts = read_audit(presenter.workspace.node, state.classes[0].id)
    assert facts["software"]
    assert set(facts["weights"]) >= {"model"}
    assert all(len(digest) == 64 for digest in facts["weights"].values())
    assert facts["settings"]["digest"] == presenter.session.settings.digest()
    assert "growth" in facts["settings"]["changed"]
    path = tmp_path / "result.seg.nrrd"
    assert presenter.export(path)
    assert presenter.choose_segmentation(None)
    assert presenter.choose_segmentation(read_segmentation(path, scene).GetID())
    assert presenter.set_axis(0)
    assert presenter.correct()
    again = presenter.state
    told = provenance_text(again.slice_status, again.provenance)
    assert told == "Slices 1-12 by the model small network"


def test_what_another_method_made_is_never_the_models(presenter, scene, draw):
    from S2VNetSlicerLib.workflow.display_text import provenance_text, slice_text

    labels = np.zeros((12, 48, 64), np.uint8)
    labels[2:9, 10:30, 10:40] = 1
    result, _ = foreign(scene, presenter.workspace.grid(), labels, "TotalSegmentator_result")
    assert presenter.choose_segmentation(result.GetID())
    assert presenter.correct()
    draw(presenter, 5, (20, 30), (40, 50), radius=4)
    presenter.wait()
    state = presenter.state
    told = provenance_text(state.slice_status, state.provenance)
    assert "by the model" not in told
    assert "6 marked by you" in told
    assert "from TotalSegmentator_result, corrected by small network" in told
    known = state.slice_status, state.confidence, state.worst
    assert "from TotalSegmentator_result" in slice_text(0, *known, provenance=state.provenance)
