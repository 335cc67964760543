"""What the panel shows of what was there before: scenes opened first, the modality, directions."""

from __future__ import annotations

import numpy as np
import pytest
from S2VNetSlicerLib.volumes.writing import write_label_map
from session_steps import MIDDLE, choose, mark, state


@pytest.fixture
def saved(session, host, tmp_path):
    """A scene with finished work, and what the panel showed of it; nothing is open any more."""
    mark(session, host)
    session.panel.presenter.accept()
    session.ui.modalityBox.setCurrentIndex(1)
    session.panel.presenter.wait()
    path = tmp_path / "work.mrb"
    host.dialogs.answers["getSaveFileName"] = str(path)
    session.ui.saveSceneButton.click()
    assert path.is_file(), state(session).message
    before = state(session)
    session.cleanup()
    host.scene.Clear(0)
    return path, before


def test_a_scene_that_was_loaded_before_the_module_is_opened(saved, session, host):
    """As Slicer does with an .mrb that is double-clicked."""
    path, before = saved
    assert host.scene.ReadFromMRB(str(path), True)
    session.setup()
    session.panel._timer.stop()
    session.enter()
    now, ui = state(session), session.ui
    assert now.message == ""
    assert now.volume is not None
    assert [row.name for row in now.classes] == [row.name for row in before.classes]
    np.testing.assert_array_equal(now.slice_status, before.slice_status)
    assert ui.volumeSelector.currentNodeID == now.volume
    assert ui.segmentationSelector.currentNodeID == now.segmentation
    assert ui.classTable.rowCount == len(before.classes)
    assert ui.modalityBox.currentText == "CT"
    assert ui.axisBox.currentIndex == 1 + before.axis
    assert "accepted" in ui.auditLabel.text
    session.ui.markButton.click()
    host.app.layoutManager().widgets.clear()
    host.app.layoutManager().show(["Red"])
    host.slice_widget().click(120, 120, ctrl=True)
    session.panel.presenter.wait()
    assert state(session).message == ""
    assert state(session).can_undo


def test_opening_the_module_on_an_empty_scene_says_nothing(session):
    assert state(session).message == ""


def test_the_modality_box_shows_what_was_stated(session, host, add_volume):
    box, reason = session.ui.modalityBox, session.ui.modalityReasonLabel
    assert box.currentText == "From the volume"
    guessed = reason.text
    box.setCurrentIndex(1)
    session.panel.presenter.wait()
    assert (box.currentText, reason.text) == ("CT", "CT: stated by the user")
    mark(session, host)
    add_volume("second")
    session.ui.volumeSelector.choose("second")
    assert box.currentText == "From the volume", "that was said of another volume"
    assert reason.text == guessed
    session.ui.volumeSelector.choose("head")
    session.ui.segmentationSelector.choose("head segmentation")
    assert box.currentText == "CT", "it is kept with the annotation"


def test_a_guess_stays_a_guess(session, host, tmp_path):
    mark(session, host)
    reason = session.ui.modalityReasonLabel.text
    host.dialogs.answers["getSaveFileName"] = str(tmp_path / "work.mrb")
    session.ui.saveSceneButton.click()
    host.scene.Clear(0)
    session.panel._tick()
    assert host.scene.ReadFromMRB(str(tmp_path / "work.mrb"), True)
    session.panel._tick()
    assert session.ui.modalityBox.currentText == "From the volume"
    assert session.ui.modalityReasonLabel.text == reason


def test_the_time_is_told_before_anything_is_marked(add_volume, ticked):
    add_volume()
    ticked.ui.volumeSelector.choose("head")
    ticked.panel.presenter.wait()
    text = ticked.ui.environmentLabel.text
    assert "PyTorch" in text
    assert "CPU" in text
    assert text.endswith("s for this volume")


@pytest.mark.parametrize(
    ("view", "axis", "normal", "across"),
    [
        ("Axial", 0, (0, 0, 1), (-1, 0, 0)),
        ("Coronal", 1, (0, 1, 0), (-1, 0, 0)),
        ("Sagittal", 2, (1, 0, 0), (0, 1, 0)),
        ("Coronal", 1, (0, 0.8, 0.6), (-1, 0, 0)),  # oblique
    ],
)
def test_a_click_in_any_view(add_volume, ticked, host, view, axis, normal, across):
    add_volume()
    choose(ticked)
    host.slice_widget().node.SetSliceToRASByNTP(*normal, *across, 0, 0, 0, 0)
    host.slice_widget().click(*MIDDLE)
    ticked.panel.presenter.wait()
    now = state(ticked)
    assert (now.message, now.axis) == ("", axis)
    assert ticked.ui.axisBox.currentText == view
    assert (now.slice_status > 0).all()
    assert len(now.slice_status) == ticked.panel.strip.slices


def test_a_result_in_a_file_is_opened_to_be_corrected(session, host, tmp_path):
    session.ui.volumeSelector.choose("head")
    session.ui.openResultButton.click()
    assert len(state(session).classes) == 1, "the dialog was cancelled"
    volume = session.panel.presenter.workspace.volume
    labels = np.zeros(volume.array.shape, np.uint8)
    labels[2:5, 4:9, 4:9] = 3
    write_label_map(tmp_path / "found.nrrd", labels, volume.geometry)
    host.dialogs.answers["getOpenFileName"] = str(tmp_path / "found.nrrd")
    session.ui.openResultButton.click()
    assert state(session).message == ""
    assert [row.name for row in state(session).classes] == ["structure 3"]
    np.testing.assert_array_equal(session.panel.presenter.annotation.labels, labels // 3)
