"""The slice to look at next, also where no run has suggested one."""

from __future__ import annotations

import numpy as np
from S2VNetSlicerLib.annotation.next_slice import expected_errors, next_slice
from S2VNetSlicerLib.annotation.state import AnnotationState, Structure


def test_the_worst_slice_is_known_after_undo_and_reopening(
    presenter, begin, scene, make_presenter, tmp_path
):
    begin(presenter, live=True)
    presenter.wait()
    assert presenter.accept(2)
    presenter.wait()
    assert presenter.undo()
    annotation = presenter.annotation
    planes = np.moveaxis(annotation.labels, annotation.axis, 0)
    sure = np.tile(annotation.confidence[:, None], len(annotation.structures))
    worst = next_slice(expected_errors(planes, sure), annotation.slice_status)
    assert presenter.state.worst == worst
    assert presenter.go_to_worst()
    assert presenter.save_scene(tmp_path / "work.mrb")
    scene.Clear(0)
    assert scene.ReadFromMRB(str(tmp_path / "work.mrb"), True, None)
    reopened = make_presenter()
    assert reopened.resume(), reopened.state.message
    assert reopened.state.worst == worst


def test_an_accepted_slice_is_never_the_worst(presenter, begin):
    begin(presenter, live=True)
    presenter.propagate()
    presenter.wait()
    for _ in range(3):
        worst = presenter.state.worst
        if worst is None:
            break
        assert presenter.accept(worst)
        presenter.wait()
        assert presenter.state.worst != worst
        assert (
            presenter.state.worst is None
            or presenter.state.slice_status[presenter.state.worst] != 3
        )
    assert (presenter.state.slice_status == 3).any()


def test_a_slice_that_shows_nothing_is_asked_about(presenter, begin):
    begin(presenter)
    presenter.workspace.reviewed(np.full((12, 2), np.nan), 11, {})
    presenter.annotation.labels[11] = 1
    assert presenter.go_to_worst()
    assert (presenter.state.slice, presenter.state.message) == (11, "")
    presenter.annotation.labels[11] = 0
    assert presenter.go_to_worst()
    assert presenter.state.message.startswith("Nothing was found in this slice")


def test_the_weakest_slice_holds_most_voxels_in_doubt_or_missing():
    annotation = AnnotationState((4, 8, 8), 0)
    annotation.structures = [Structure("a", "a", (1.0, 0.0, 0.0))]
    assert annotation.weakest() is None
    for z, (rows, sure) in enumerate([(8, 0.9), (4, 0.5), (1, 0.6), (8, 0.2)]):
        labels = np.zeros((8, 8), np.uint8)
        labels[:rows] = 1
        annotation.write(z, labels, np.array([sure], np.float32))
    assert annotation.weakest() == 3
    annotation.accept(3)
    assert annotation.weakest() == 1, "what is accepted is right"
