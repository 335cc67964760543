"""The presenter's commands on a real scene."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from S2VNetSlicerLib.scene.audit import read_audit
from S2VNetSlicerLib.scene.volumes import array_to_matrix, volume_to_node
from S2VNetSlicerLib.workflow.state import BACKGROUND, PropagationRange


def test_importing_needs_neither_torch_nor_slicer():
    program = (
        "import sys\n"
        "from S2VNetSlicerLib.workflow.presenter import Presenter\n"
        "assert not {'torch', 'slicer', 'vtk', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_state_follows_the_choices(presenter, node, scene):
    seen = []
    forget = presenter.observe(seen.append)
    state = presenter.state
    assert [row.name for row in state.volumes] == ["knee"]
    assert (state.volume, state.modality) == (node.GetID(), "MR")
    assert state.modality_reason
    assert (state.axis, state.segmentation, state.classes) == (None, None, ())
    id = presenter.add_class("femur", (0.1, 0.2, 0.3))
    state = presenter.state
    assert seen[-1] is state
    assert state.selected == id == state.classes[0].id
    assert state.classes[0].name == "femur"
    assert state.classes[0].colour == pytest.approx((0.1, 0.2, 0.3), abs=0.01)
    assert [row.name for row in state.segmentations] == ["knee segmentation"]
    twin = presenter.add_class("femur")
    assert presenter.state.classes[1].name == "femur (2)"
    assert presenter.rename_class(twin, "tibia")
    assert presenter.recolour_class(twin, (1, 1, 0))
    assert presenter.show_class(twin, False)
    assert presenter.lock_class(twin, True)
    row = presenter.state.classes[1]
    assert (row.name, row.colour, row.visible, row.locked) == ("tibia", (1, 1, 0), False, True)
    assert presenter.select_class(BACKGROUND)
    forget()
    count = len(seen)
    presenter.refresh()
    assert len(seen) == count


def test_failures_are_sentences(presenter, make_presenter):
    fresh = make_presenter()
    fresh.choose_volume(None)
    assert not fresh.stroke(np.zeros((1, 3)), 2)
    assert "No volume is chosen" in fresh.state.message
    assert fresh.add_class("x") == ""
    for wrong in (
        lambda: presenter.choose_volume("vtkNothing7"),
        lambda: presenter.choose_segmentation(presenter.state.volume),
        lambda: presenter.set_axis(3),
        lambda: presenter.set_modality("PET"),
        lambda: presenter.set_device("abacus"),
        lambda: presenter.select_class("nobody"),
        lambda: presenter.undo(),
        lambda: presenter.redo(),
        lambda: presenter.propagate(),
        lambda: presenter.go_to(99),
        lambda: presenter.go_to_worst(),
        lambda: presenter.correct(),
        lambda: presenter.resume(),
        lambda: presenter.export("/tmp/a.txt"),
        lambda: presenter.stroke(np.full((1, 3), 1e4), 2),
        lambda: presenter.stroke(np.zeros((1, 3)), 2, negative=True, erase=True) and False,
    ):
        assert not wrong()
        assert presenter.state.message.endswith("."), presenter.state.message
        assert "Traceback" not in presenter.state.message
    assert presenter.set_axis(1)
    assert presenter.state.message == ""


def test_a_preview_changes_its_slice_and_a_run_the_rest(presenter, begin, check):
    ids = begin(presenter)
    state = presenter.state
    assert (state.axis, state.slices, state.slice) == (0, 12, 5)
    assert state.slice_status.tolist() == [0] * 5 + [2] + [0] * 6
    assert np.flatnonzero(presenter.annotation.labels.any((1, 2))).tolist() == [5]
    check(presenter)
    assert presenter.propagate()
    assert presenter.state.busy
    presenter.wait()
    state = presenter.state
    assert (state.busy, state.message) == ("", "")
    assert state.slice_status.tolist() == [1] * 5 + [2] + [1] * 6
    assert np.isfinite(state.confidence).any()
    assert 0 <= state.worst < 12
    check(presenter)
    voxels = [(presenter.annotation.labels == n).sum() for n in (1, 2)]
    ml = 0.9 * 0.9 * 3 / 1000
    assert [row.ml for row in state.classes] == pytest.approx([ml * v for v in voxels], rel=1e-6)
    facts = read_audit(presenter.workspace.node, ids[0])
    assert facts["made"] == state.slice_status.tolist()
    assert (facts["model"], facts["model_commit"]) == ("small network", "abc")


def test_live_strokes_run_by_themselves(presenter, begin, draw, check):
    begin(presenter, live=True)
    draw(presenter, 8, (20, 30))
    presenter.wait()
    assert presenter.state.slice_status.min() == 1
    check(presenter)
    assert presenter.annotation.pending == set()


def test_the_process_gives_what_this_one_gives(make_presenter, node, begin, draw):
    found = []
    for synchronous in (True, False):
        presenter = make_presenter(synchronous)
        assert presenter.choose_volume(node.GetID())
        assert presenter.choose_segmentation(None)
        begin(presenter, live=True)
        draw(presenter, 8, (20, 30))
        presenter.wait()
        assert presenter.state.message == ""
        found.append(presenter.annotation.labels.copy())
        assert presenter.choose_volume(None)
    assert np.array_equal(*found)


@pytest.mark.parametrize(
    ("span", "slices"),
    [("UP", range(5, 12)), ("DOWN", range(6)), ("BETWEEN", range(5, 10))],
)
def test_spans(presenter, begin, draw, span, slices):
    begin(presenter)
    draw(presenter, 9, (20, 30))
    presenter.wait()
    assert presenter.go_to(5)
    assert presenter.propagate(PropagationRange[span])
    presenter.wait()
    made = set(np.flatnonzero(presenter.state.slice_status))
    assert made >= set(slices) | {5, 9}
    assert (made >= set(range(12))) is False
    presenter.propagate()
    presenter.wait()
    assert presenter.state.slice_status.min() == 1


def test_between_needs_two_sides(presenter, begin):
    begin(presenter)
    assert not presenter.propagate(PropagationRange.BETWEEN)
    assert "not between" in presenter.state.message


def test_undo_takes_back_and_redo_does_again(presenter, begin, draw, check):
    begin(presenter)
    states = [presenter.annotation.labels.copy()]
    presenter.propagate()
    presenter.wait()
    states.append(presenter.annotation.labels.copy())
    assert presenter.accept(2)
    presenter.wait()
    draw(presenter, 8, (30, 20))
    presenter.propagate()
    presenter.wait()
    states.append(presenter.annotation.labels.copy())
    assert presenter.state.slice_status.tolist()[2] == 3
    check(presenter)
    for _ in range(3):
        assert presenter.undo()
        check(presenter)
    assert np.array_equal(presenter.annotation.labels, states[1])
    assert sorted(presenter.annotation.marks) == [5]
    assert presenter.state.slice_status[2] == 1
    assert presenter.undo()
    assert np.array_equal(presenter.annotation.labels, states[0])
    check(presenter)
    for _ in range(4):
        assert presenter.redo()
    assert not presenter.state.can_redo
    assert np.array_equal(presenter.annotation.labels, states[2])
    check(presenter)
    while presenter.state.can_undo:
        assert presenter.undo()
    assert not presenter.annotation.labels.any()
    assert not presenter.annotation.marks
    check(presenter)


def test_work_goes_on_after_undo(presenter, begin, draw, check):
    results = []
    begin(presenter, live=True)
    draw(presenter, 8, (30, 20))
    presenter.wait()
    for _ in range(2):  # everything is computed anew from here: the same both times
        assert presenter.undo()
        draw(presenter, 8, (30, 20))
        presenter.wait()
        results.append(presenter.annotation.labels.copy())
        check(presenter)
    assert np.array_equal(*results)


def test_cancel_keeps_what_is_finished_and_a_run_goes_on(presenter, begin, check):
    begin(presenter)
    presenter.propagate()
    for _ in range(6):
        presenter.tick()
    assert presenter.state.busy
    assert presenter.state.total == 12
    assert presenter.state.seconds_left is None or presenter.state.seconds_left >= 0
    assert presenter.cancel()
    assert "slices are done and stay. Propagate to go on." in presenter.state.message
    presenter.wait()
    done = presenter.state.slice_status > 0
    assert 1 < done.sum() < 12
    check(presenter)
    presenter.propagate()
    presenter.wait()
    assert presenter.state.slice_status.min() == 1
    check(presenter)


def test_a_mark_in_mid_run_is_obeyed_at_once(presenter, begin, draw, check):
    begin(presenter)
    presenter.propagate()
    for _ in range(5):
        presenter.tick()
    presenter.runs.configure(live=True)
    presenter.select_class(presenter.state.classes[0].id)
    draw(presenter, 10, (10, 10), (10, 20))
    presenter.wait()
    assert (presenter.annotation.labels[10, 10, 10:21] == 1).all()
    assert presenter.state.slice_status[10] == 2
    assert presenter.state.slice_status.min() == 1
    check(presenter)


def test_erasing_marks(presenter, begin, draw, check):
    begin(presenter)
    before = presenter.annotation.marks[5].copy()
    draw(presenter, 5, (18, 28), (22, 32), erase=True)
    presenter.wait()
    after = presenter.annotation.marks[5]
    assert (after == 2).sum() == 0
    assert np.array_equal(after[before != 2], before[before != 2])
    draw(presenter, 5, (0, 0), (47, 63), (0, 63), radius=80, erase=True)
    presenter.wait()
    assert not presenter.annotation.marks
    check(presenter)
    assert presenter.undo()
    assert presenter.undo()
    assert np.array_equal(presenter.annotation.marks[5], before)
    check(presenter)


def test_accepted_slices_and_locked_classes_stay(presenter, begin, draw, check):
    first, second = begin(presenter)
    presenter.propagate()
    presenter.wait()
    kept = presenter.annotation.labels.copy()
    assert presenter.accept(3)
    assert presenter.lock_class(first, True)
    presenter.runs.configure(live=True)
    presenter.select_class(second)
    draw(presenter, 6, (18, 28), (30, 40), radius=4)  # also across the locked class
    draw(presenter, 9, (40, 10), (30, 20), radius=4)
    presenter.wait()
    now = presenter.annotation.labels
    assert np.array_equal(now[3], kept[3])
    assert np.array_equal(now == 1, kept == 1)
    assert not np.array_equal(now, kept)
    check(presenter)
    presenter.select_class(first)
    grid = presenter.workspace.grid()
    assert not presenter.stroke(grid.ijk_to_ras_points(np.array([[20.0, 20, 5]])), 2)
    assert "locked" in presenter.state.message
    presenter.lock_class(second, True)
    k, j, i = np.argwhere(now == 2)[0]
    assert not presenter.stroke(grid.ijk_to_ras_points(np.array([[i, j, k]])), 0, negative=True)
    assert "locked classes" in presenter.state.message


def test_removing_a_class_and_undo(presenter, begin, check):
    first, second = begin(presenter)
    presenter.propagate()
    presenter.wait()
    before = presenter.annotation.labels.copy()
    name = presenter.state.classes[0].name
    assert presenter.remove_class(first)
    assert [row.id for row in presenter.state.classes] == [second]
    assert presenter.workspace.mirror.segment(first) is None
    assert np.array_equal(presenter.annotation.labels == 1, before == 2)
    check(presenter)
    assert presenter.undo()
    assert [row.id for row in presenter.state.classes] == [first, second]
    assert presenter.state.classes[0].name == name
    assert np.array_equal(presenter.annotation.labels, before)
    check(presenter)
    presenter.remove_class(second)
    assert presenter.propagate()
    presenter.wait()
    assert presenter.state.message == ""
    check(presenter)


def test_turning_the_axis_keeps_the_marks(presenter, begin, check):
    begin(presenter)
    marks = presenter.annotation.marks_volume()
    labels = presenter.annotation.labels.copy()
    assert presenter.set_axis(1)
    presenter.wait()
    assert (presenter.state.axis, presenter.state.slices) == (1, 48)
    assert np.array_equal(presenter.annotation.marks_volume(), marks)
    assert np.array_equal(presenter.annotation.labels, labels)
    check(presenter)
    assert presenter.undo()
    assert presenter.state.axis == 0
    assert np.array_equal(presenter.annotation.marks_volume(), marks)
    assert not presenter.set_axis(None)


def test_encoding_begins_when_the_axis_is_known(presenter):
    assert presenter.set_axis(0)
    seen = []
    presenter.observe(lambda state: seen.append((state.busy, state.done)))
    presenter.wait()
    assert ("Encoding", 12) in seen
    assert presenter.state.busy == ""
    assert "PyTorch" in presenter.state.environment
    assert " s for this volume" in presenter.state.environment


def test_views_follow_and_lead(presenter, begin, scene):
    begin(presenter)
    grid = presenter.workspace.grid()
    nodes = []
    for column in (2, 0):  # one view along the axis, one along another
        view = scene.AddNewNodeByClass("vtkMRMLSliceNode", f"view{column}")
        view.SetSingletonTag(f"v{column}")
        axes = grid.ijk_to_ras[:3, :3] / np.linalg.norm(grid.ijk_to_ras[:3, :3], axis=0)
        to_ras = np.eye(4)
        order = [0, 1, 2] if column == 2 else [1, 2, 0]
        to_ras[:3, :3] = axes[:, order]
        to_ras[:3, 3] = grid.ijk_to_ras_points(np.array([[30, 20, 3.0]]))[0]
        view.GetSliceToRAS().DeepCopy(array_to_matrix(to_ras))
        view.UpdateMatrices()
        nodes.append(view)
    presenter.tick()
    assert presenter.state.slice == 3
    assert presenter.go_to(7)
    matrices = [view.GetSliceToRAS() for view in nodes]
    places = [[m.GetElement(r, 3) for r in range(3)] for m in matrices]
    assert grid.ras_to_ijk(np.array(places))[:, 2] == pytest.approx([7, 3], abs=1e-4)
    assert grid.ras_to_ijk(np.array(places))[0, :2] == pytest.approx([30, 20], abs=1e-4)
    presenter.tick()
    assert presenter.state.slice == 7
    presenter.propagate()
    presenter.wait()
    assert presenter.go_to_worst()
    assert presenter.state.slice == presenter.state.worst


def test_under_a_transform(presenter, node, scene, begin, draw, check):
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    matrix[:3, 3] = 100, 0, -20
    transform.SetMatrixTransformToParent(array_to_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())
    begin(presenter, live=True)
    draw(presenter, 7, (20, 30))
    presenter.wait()
    assert sorted(presenter.annotation.marks) == [5, 7]
    check(presenter)
    for shown in (presenter.workspace.node, presenter.workspace.mirror.marks_node):
        assert shown.GetParentTransformNode() is transform


def test_two_volumes_in_turn(presenter, begin, node, volume, scene, check):
    begin(presenter)
    first = presenter.state.segmentation
    labels = presenter.annotation.labels.copy()
    other = volume_to_node(volume, scene)
    assert presenter.choose_volume(other.GetID())
    assert presenter.state.segmentation is None
    begin(presenter)
    assert presenter.state.segmentation != first
    assert presenter.choose_segmentation(first)
    assert presenter.state.volume == node.GetID()
    assert np.array_equal(presenter.annotation.labels, labels)
    assert sorted(presenter.annotation.marks) == [5]
    presenter.propagate()
    presenter.wait()
    assert presenter.state.slice_status.min() == 1
    check(presenter)
