"""What users and machines do in the middle of a run: nothing raises, nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.propagation.pipeline_runner import PipelineRunner
from S2VNetSlicerLib.scene.marks import segment_mask
from S2VNetSlicerLib.scene.volumes import volume_to_node
from S2VNetSlicerLib.workflow import runs


def shown(volume_node, node):
    segmentation = node.GetSegmentation()
    return {s: segment_mask(volume_node, node, s) for s in segmentation.GetSegmentIDs()}


def test_the_volume_goes(running, node, scene, begin, volume):
    segmentation, marks = running.workspace.node, running.workspace.mirror.marks_node
    before = shown(node, segmentation)
    ran = bool(running.state.busy)
    scene.RemoveNode(node)
    running.wait()
    state = running.state
    assert (state.volume, state.busy, state.classes) == (None, "", ())
    assert "knee was removed" in state.message
    assert ("ended" in state.message) == ran
    again = volume_to_node(volume, scene)
    for id, mask in shown(again, segmentation).items():
        assert mask.any()
        assert np.array_equal(mask, before[id])
    assert marks.GetScene() is scene
    assert not running.stroke(np.zeros((1, 3)), 2)
    assert running.choose_volume(again.GetID())
    assert running.choose_segmentation(None)
    begin(running)
    assert running.state.slice_status[5] == 2


def test_the_segmentation_goes(running, scene, begin):
    node = running.workspace.node
    scene.RemoveNode(node)
    running.wait()
    assert running.state.segmentation is None
    assert running.state.volume is not None
    assert "was removed" in running.state.message
    begin(running)
    assert running.state.segmentation is not None
    assert running.workspace.node is not node


def test_a_segment_goes_and_comes_back(running, check):
    first, second = (row.id for row in running.state.classes)
    before = running.annotation.labels.copy()
    running.workspace.node.GetSegmentation().RemoveSegment(first)
    running.tick()
    assert [row.id for row in running.state.classes] == [second]
    assert "femur was removed" in running.state.message
    running.wait()
    check(running)
    assert running.undo()
    assert [row.id for row in running.state.classes] == [first, second]
    assert np.array_equal(running.annotation.labels == 1, before == 1)
    running.propagate()
    running.wait()
    assert running.state.slice_status.min() == 1
    check(running)


def test_the_scene_closes(running, scene, volume, begin):
    scene.Clear(0)
    running.wait()
    state = running.state
    assert (state.volumes, state.volume, state.segmentation, state.busy) == ((), None, None, "")
    again = volume_to_node(volume, scene)
    assert running.choose_volume(again.GetID())
    begin(running)
    assert running.state.slice_status[5] == 2


def test_the_marks_go_and_come_back(running, scene, check):
    before = running.annotation.marks_volume()
    scene.RemoveNode(running.workspace.mirror.marks_node)
    running.wait()
    assert not running.annotation.marks
    assert running.undo()
    assert np.array_equal(running.annotation.marks_volume(), before)
    check(running)


def test_undo_in_mid_run(running, check):
    assert running.undo()
    assert running.state.slice_status.tolist() == [0] * 5 + [2] + [0] * 6
    check(running)
    assert running.redo()
    running.wait()
    check(running)
    running.propagate()
    running.wait()
    assert running.state.slice_status.min() == 1
    check(running)


def test_accept_lock_and_a_new_class_in_mid_run(running, draw, check):
    accepted = int(np.flatnonzero(running.state.slice_status == 1)[0])
    kept = running.annotation.slice(accepted).copy()
    assert running.accept(accepted)
    assert running.lock_class(running.state.classes[1].id, True)
    third = running.add_class("patella")
    assert third
    running.runs.configure(live=True)
    draw(running, 5, (2, 30), (3, 34))
    running.wait()
    assert running.state.message == ""
    assert running.state.slice_status.min() == 1
    assert np.array_equal(running.annotation.slice(accepted), kept)
    assert (running.annotation.labels[5] == 3).any()
    check(running)


def test_the_user_renames_and_shows_elsewhere(running):
    id = running.state.classes[0].id
    running.workspace.node.GetSegmentation().GetSegment(id).SetName("patella")
    running.workspace.node.GetDisplayNode().SetSegmentVisibility(id, False)
    running.wait()
    row = running.state.classes[0]
    assert (row.name, row.visible) == ("patella", False)
    marks = running.workspace.mirror.marks_node.GetSegmentation()
    assert marks.GetSegment(id).GetName() == "patella"


def test_another_volume_in_mid_run(running, volume, scene, begin):
    other = volume_to_node(volume, scene)
    first = running.state.segmentation
    labels = running.annotation.labels.copy()
    assert running.choose_volume(other.GetID())
    begin(running)
    assert running.choose_segmentation(first)
    assert np.array_equal(running.annotation.labels, labels)


def test_closing_in_mid_run(running, scene):
    node = running.workspace.node
    count = (running.annotation.labels > 0).sum()
    running.close()
    assert count <= sum(mask.sum() for mask in shown(running_volume(scene), node).values())
    assert not running.tick()


def running_volume(scene):
    return scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError("kernel exploded\nat line 3"), "kernel exploded"),
        (MemoryError(), "more memory than is free"),
        (runs.UserError("The disk is full: free some."), "The disk is full: free some."),
    ],
)
def test_the_worker_fails(presenter, begin, check, monkeypatch, error, sentence):
    begin(presenter)
    write, count = PipelineRunner._results, []

    def fail(self, *changed):
        count.append(changed)
        if len(count) == 4:
            raise error
        return write(self, *changed)

    monkeypatch.setattr(PipelineRunner, "_results", fail)
    presenter.propagate()
    presenter.wait()
    assert sentence in presenter.state.message
    assert presenter.state.message.count("\n") == 0
    assert presenter.state.busy == ""
    check(presenter)
    presenter.propagate()
    presenter.wait()
    assert presenter.state.message == ""
    assert presenter.state.slice_status.min() == 1
    check(presenter)


def test_missing_weights(scene, node, tmp_path, begin, monkeypatch):
    from S2VNetSlicerLib.workflow.presenter import Presenter

    presenter = Presenter(scene, weights=tmp_path / "gone.safetensors", synchronous=True)
    presenter.choose_volume(node.GetID())
    begin(presenter)
    assert "gone.safetensors are missing" in presenter.state.message
    assert presenter.annotation.marks
    presenter.close()


def test_without_torch(presenter, monkeypatch, draw):
    monkeypatch.setattr(runs, "torch_missing", lambda: "PyTorch is missing: install it.")
    presenter.add_class("femur")
    point = presenter.workspace.grid().ijk_to_ras_points(np.array([[20.0, 20, 5]]))
    assert not presenter.stroke(point, 2)
    assert presenter.state.message == "PyTorch is missing: install it."
    assert 5 in presenter.annotation.marks


def test_an_observer_that_fails_disturbs_nobody(presenter, begin):
    seen = []

    def broken(state):
        raise RuntimeError("a front end's bug")

    presenter.observe(broken)
    presenter.observe(seen.append)
    begin(presenter)
    assert seen[-1].slice_status[5] == 2


def test_the_volume_gets_other_voxels(presenter, begin, node, volume, check):
    import slicer.util

    begin(presenter)
    presenter.propagate()
    presenter.wait()
    slicer.util.updateVolumeFromArray(node, 400 - volume.array)
    presenter.propagate()
    presenter.wait()
    assert presenter.state.message == ""
    check(presenter)
    kept = presenter.workspace.node
    slicer.util.updateVolumeFromArray(node, volume.array[:8])
    assert not presenter.propagate()
    assert "another grid" in presenter.state.message
    assert kept.GetScene() is not None
    begin(presenter)
    assert presenter.state.slices == 8
    assert presenter.workspace.node is not kept


def test_a_warp_is_one_sentence(presenter, begin, node, scene):
    begin(presenter)
    warp = scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode")
    node.SetAndObserveTransformNodeID(warp.GetID())
    if warp.IsTransformToWorldLinear():
        pytest.skip("this wheel calls an empty B-spline linear")
    presenter.tick()
    assert not presenter.stroke(np.zeros((1, 3)), 2)
    assert "non-linear" in presenter.state.message
    node.SetAndObserveTransformNodeID(None)
    presenter.propagate()
    presenter.wait()
    assert presenter.state.message == ""


def test_a_surface_segmentation_is_refused(presenter, scene):
    result = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "surfaces")
    result.GetSegmentation().SetSourceRepresentationName("Closed surface")
    assert not presenter.choose_segmentation(result.GetID())
    assert "surfaces" in presenter.state.message


def test_painting_marks_and_segments_in_mid_run(running, node, edit, check):
    first, second = (row.id for row in running.state.classes)

    marks_node = running.workspace.mirror.marks_node
    dotted = segment_mask(node, marks_node, first)
    dotted[10, 3:6, 3:6] = True
    edit(node, marks_node, first, dotted)
    mask = segment_mask(node, running.workspace.node, second)
    mask[1, 40:46, 2:9] ^= True
    edit(node, running.workspace.node, second, mask)
    wanted = mask[1, 40:46, 2:9]
    running.wait()
    running.propagate()
    running.wait()
    assert running.state.message == ""
    assert (running.annotation.labels[10, 3:6, 3:6] == 1).all()
    now = segment_mask(node, running.workspace.node, second)[1, 40:46, 2:9]
    assert np.array_equal(now, wanted)
    assert running.state.slice_status.min() == 1
    check(running)


def test_correcting_and_turning_in_mid_run(running, check):
    marks = running.annotation.marks_volume()
    assert running.correct()
    assert np.array_equal(running.annotation.marks_volume(), marks)
    running.propagate()
    running.tick()
    assert running.set_axis(2)
    running.wait()
    assert np.array_equal(running.annotation.marks_volume(), marks)
    check(running)
    running.propagate()
    running.wait()
    assert running.state.message == ""
    check(running)


def test_surfaces_follow_at_the_end_of_a_run(presenter, begin, check):
    first, _ = begin(presenter)
    presenter.workspace.node.CreateClosedSurfaceRepresentation()

    def points():
        segment = presenter.workspace.node.GetSegmentation().GetSegment(first)
        return segment.GetRepresentation("Closed surface").GetNumberOfPoints()

    before = points()
    presenter.propagate()
    presenter.wait()
    assert points() > before
    check(presenter)


def test_a_command_comes_after_what_the_user_did_before_it(presenter, begin, node, edit):
    first, _ = begin(presenter)

    dotted = segment_mask(node, presenter.workspace.mirror.marks_node, first)
    dotted[10, 3:6, 3:6] = True
    edit(node, presenter.workspace.mirror.marks_node, first, dotted)
    assert presenter.undo()  # no tick in between: takes the painted dot back, nothing else
    assert sorted(presenter.annotation.marks) == [5]
    node.GetScene().RemoveNode(node)
    assert not presenter.propagate()
    assert presenter.state.volume is None
