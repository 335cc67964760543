"""The panel on a presenter that only records: what each control does, shows and allows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6 import QtCore, QtTest, QtWidgets
from recorder import LIVER, SPLEEN, Recorder, annotated
from S2VNetSlicerLib import logs
from S2VNetSlicerLib.workflow.state import PropagationRange, VolumeRow


@pytest.fixture
def volume(host):
    return host.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")


@pytest.fixture
def segmentation(host):
    return host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "result")


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def panel(host, recorder, volume, segmentation):
    """The panel with a volume and a segmentation to choose from."""
    import slicer

    host.load("S2VNetSlicerLib.desktop.widget")
    from S2VNetSlicerLib.desktop.widget import Panel

    top = slicer.util.loadUI(str(host.resources / "UI" / "S2VNetSlicer.ui"))
    top.setMRMLScene(host.scene)
    slice_status = Panel(slicer.util.childWidgetVariables(top), recorder)
    slice_status.top = top
    rows = (VolumeRow(segmentation.GetID(), "result"),)
    recorder.show(volumes=(VolumeRow(volume.GetID(), "head"),), segmentations=rows)
    slice_status.enter()
    recorder.take()
    yield slice_status
    slice_status.close()
    top.deleteLater()


@pytest.fixture
def shown(panel, recorder, volume, segmentation):
    """After a propagation."""
    recorder.show(volume=volume.GetID(), segmentation=segmentation.GetID(), **annotated())
    assert recorder.take() == [], "drawing commands nothing"
    return panel


def enabled(panel):
    return {name for name in CONTROLS if getattr(panel.ui, name).enabled}


BEGIN = {"volumeSelector", "deviceBox"}
CHOSEN = BEGIN | {
    *("segmentationSelector", "modalityBox", "axisBox", "addClassButton", "classTable"),
    *("saveSceneButton", "openResultButton"),
}
MARKS = {"markButton", "structureButton", "backgroundButton", "eraseButton", "radiusSlider"}
RUNS = {"wholeButton", "upButton", "downButton", "betweenButton"}
RESULT = {
    *("exportButton", "dicomButton", "statisticsButton", "correctButton", "removeClassButton"),
    "learnButton",
}
HISTORY = {"undoButton", "redoButton"}
REVIEW = {"worstButton", "acceptButton"}
CONTROLS = CHOSEN | MARKS | RUNS | RESULT | HISTORY | REVIEW | {"cancelButton"}


def test_nothing_but_a_volume_can_be_chosen_first(panel):
    assert enabled(panel) == BEGIN


def test_controls_open_step_by_step(panel, recorder, volume, segmentation):
    recorder.show(volume=volume.GetID())
    assert enabled(panel) == CHOSEN
    recorder.show(segmentation=segmentation.GetID())
    assert enabled(panel) == CHOSEN | {"correctButton"}
    recorder.show(classes=(LIVER,), selected=LIVER.id)
    assert enabled(panel) == CHOSEN | MARKS | RESULT
    recorder.show(slices=10, slice_status=np.array([0] * 9 + [2], np.uint8), can_undo=True)
    assert enabled(panel) == CHOSEN | MARKS | RESULT | RUNS | {"undoButton"}
    recorder.show(**annotated(can_redo=True))
    assert enabled(panel) == CONTROLS - {"cancelButton"}


def test_while_it_runs_one_can_mark_and_cancel(shown, recorder):
    recorder.show(busy="Propagating", done=3, total=10, seconds_left=61.2)
    assert enabled(shown) == MARKS | {"classTable", "cancelButton", "worstButton"}
    assert shown.ui.progressBar.value == 3
    assert shown.ui.progressBar.maximum == 10
    assert shown.ui.progressLabel.text == "Propagating... 3 of 10 slices, 1 min 2 s left"
    recorder.show(busy="", done=0, total=0, seconds_left=None)
    assert shown.ui.progressLabel.text == ""
    assert shown.ui.progressBar.value == 0


def test_an_accepted_slice_is_not_accepted_again(shown, recorder):
    assert shown.ui.acceptButton.enabled
    recorder.show(slice=6)
    assert not shown.ui.acceptButton.enabled
    recorder.show(slice=0)
    assert not shown.ui.acceptButton.enabled, "there is nothing to accept"


def test_without_torch_everything_but_propagation_works(shown, recorder, monkeypatch):
    import S2VNetSlicerLib.desktop.install as install

    assert not shown.ui.installButton.isVisibleTo(shown.top)
    monkeypatch.setattr(install, "NEEDED", ("no_such_package",))
    shown.exit()
    shown.enter()
    assert shown.ui.installButton.isVisibleTo(shown.top)
    assert enabled(shown) == CONTROLS - RUNS - HISTORY - {"cancelButton"}


@pytest.mark.parametrize(
    ("button", "call"),
    [
        ("undoButton", ("undo",)),
        ("redoButton", ("redo",)),
        ("wholeButton", ("propagate", PropagationRange.WHOLE)),
        ("upButton", ("propagate", PropagationRange.UP)),
        ("downButton", ("propagate", PropagationRange.DOWN)),
        ("betweenButton", ("propagate", PropagationRange.BETWEEN)),
        ("worstButton", ("go_to_worst",)),
        ("acceptButton", ("accept",)),
        ("addClassButton", ("add_class",)),
        ("removeClassButton", ("remove_class", LIVER.id)),
        ("correctButton", ("correct",)),
    ],
)
def test_a_button_is_one_command(shown, recorder, button, call):
    recorder.show(can_undo=True, can_redo=True)
    left = QtCore.Qt.MouseButton.LeftButton
    QtTest.QTest.mouseClick(getattr(shown.ui, button), left)
    assert recorder.take() == [call]


def test_cancel(shown, recorder):
    recorder.show(busy="Propagating", total=10)
    shown.ui.cancelButton.click()
    assert recorder.take() == [("cancel",)]


def test_choices_become_commands(panel, recorder, volume, segmentation):
    ui = panel.ui
    ui.volumeSelector.choose("head")
    assert recorder.take() == [("choose_volume", volume.GetID())]
    assert ui.volumeSelector.currentNodeID == "", "the presenter did not take it"
    recorder.show(volume=volume.GetID())
    assert ui.volumeSelector.currentNodeID == volume.GetID()
    assert recorder.take() == []
    ui.segmentationSelector.choose("result")
    assert recorder.take() == [("choose_segmentation", segmentation.GetID())]
    recorder.show(segmentation=segmentation.GetID())
    ui.segmentationSelector.choose("New segmentation")
    assert recorder.take() == [("choose_segmentation", None)]
    for index, modality in ((1, "CT"), (2, "MR"), (0, None)):
        ui.modalityBox.setCurrentIndex(index)
        assert recorder.take() == [("set_modality", modality)]
    ui.axisBox.setCurrentIndex(3)
    assert recorder.take() == [("set_axis", 2)]
    ui.deviceBox.setCurrentIndex(1)
    assert recorder.take() == [("set_device", "cpu")]


def test_marks_and_previews_are_no_segmentations_to_choose(panel, host, recorder):
    host.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "result marks")
    recorder.show(message="")
    box = panel.ui.segmentationSelector
    assert [box.itemText(n) for n in range(box.count)] == ["New segmentation", "result"]


def test_axes_have_anatomical_names(panel, recorder, volume):
    volume.SetIJKToRASDirections([[0, 0, 1], [1, 0, 0], [0, 1, 0]])  # i to A, j to S, k to R
    recorder.show(volume=volume.GetID())
    names = [panel.ui.axisBox.itemText(n) for n in range(1, 4)]
    assert names == ["Sagittal", "Axial", "Coronal"]


def test_messages_appear_and_go(panel, recorder):
    label = panel.ui.messageLabel
    recorder.show(message="The volume is no longer in the scene: choose another one.")
    assert label.isVisibleTo(panel.top)
    assert "choose another one" in label.text
    recorder.show(message="")
    assert not label.isVisibleTo(panel.top)


def test_review_in_words(shown, recorder):
    ui = shown.ui
    assert ui.sliceLabel.text == "Slice 5 of 10: by the model, expected agreement 90 %"
    assert (
        ui.auditLabel.text
        == "Slices 2-3, 5-6, 8-9 by the model; 4 marked by you; 7 accepted by you"
    )
    assert ui.changedLabel.text == "Changed against the automatic result: 250 voxels, 0.25 ml"
    assert ui.modalityReasonLabel.text == "MR: guessed from the intensities"
    recorder.show(classes=(LIVER,))
    assert not ui.changedLabel.isVisibleTo(shown.top)


def test_the_strip_jumps(shown, recorder):
    left = QtCore.Qt.MouseButton.LeftButton
    shown.strip.resize(400, 32)
    QtTest.QTest.mouseClick(shown.strip, left, pos=QtCore.QPoint(shown.strip.x_of(7), 4))
    assert recorder.take() == [("go_to", 7)]


def test_the_mark_tool_follows_its_buttons(shown, recorder):
    ui, tool = shown.ui, shown.tool
    assert not tool.enabled
    ui.markButton.click()
    ui.backgroundButton.click()
    assert (tool.enabled, tool.negative, tool.erase) == (True, True, False)
    ui.eraseButton.click()
    assert (tool.negative, tool.erase) == (False, True)
    ui.structureButton.click()
    ui.radiusSlider.value = 4.5
    assert (tool.negative, tool.erase, tool.radius) == (False, False, 4.5)
    assert tool.colour == LIVER.colour
    recorder.show(selected=SPLEEN.id)
    assert tool.colour == SPLEEN.colour
    ui.liveBox.click()
    assert (recorder.runs.live, recorder.runs.across) == (False, True)
    ui.acrossBox.click()
    assert recorder.runs.across is False
    tool.radius = 7.0
    shown._radius_changed()
    assert ui.radiusSlider.value == 7.0


def test_a_stroke_in_a_view_reaches_the_presenter(shown, recorder, host):
    shown.ui.markButton.click()
    shown.ui.radiusSlider.value = 3.0
    red = host.slice_widget()
    red.drag([(100, 100), (120, 100), (140, 110)])
    red.click(50, 60, ctrl=True)
    (first, points, radius, normal, how), second = recorder.take()
    assert (first, radius, any(how.values())) == ("stroke", 3.0, False)
    assert points.shape == (3, 3)
    assert np.linalg.norm(normal) == pytest.approx(1)
    assert second[1].shape == (1, 3)
    assert second[4] == {"negative": True, "erase": False, "click": True}


def test_views_of_the_next_layout_are_marked_in_too(shown, recorder, host):
    shown.ui.markButton.click()
    host.app.layoutManager().show(["Green", "Yellow"])
    host.slice_widget("Red").click(50, 50)
    assert recorder.take() == [], "it is no longer shown"
    host.slice_widget("Yellow").click(50, 50)
    assert [call[0] for call in recorder.take()] == ["stroke"]
    shown.exit()
    host.slice_widget("Yellow").click(50, 50)
    host.app.layoutManager().show(["Red"])
    host.slice_widget("Red").click(50, 50)
    assert recorder.take() == []
    assert not shown.ui.markButton.checked


def test_the_class_table(shown, recorder, host):
    table = shown.ui.classTable
    texts = [[table.item(n, c).text() for c in (1, 5, 6)] for n in (0, 1)]
    assert texts == [["liver", "12.3", ""], ["spleen", "3.0", "250 (0.2 ml)"]]
    checked = QtCore.Qt.CheckState.Checked
    assert [table.item(n, 3).checkState() == checked for n in (0, 1)] == [False, True]
    assert table.currentRow() == 0
    table.selectRow(1)
    assert recorder.take() == [("select_class", SPLEEN.id)]
    table.item(0, 1).setText("left liver")
    table.item(0, 3).setCheckState(checked)
    table.item(1, 4).setCheckState(checked)
    assert recorder.take() == [
        ("rename_class", LIVER.id, "left liver"),
        ("lock_class", LIVER.id, True),
        ("show_class", SPLEEN.id, True),
    ]
    table.cellClicked.emit(0, 0)
    assert recorder.take() == [], "the colour dialog was cancelled"
    host.dialogs.answers["getColor"] = host.qt.QColor(255, 0, 51)
    table.cellClicked.emit(0, 0)
    assert recorder.take() == [("recolour_class", LIVER.id, pytest.approx((1, 0, 0.2)))]


def test_a_refused_edit_is_taken_back(shown, recorder):
    recorder.answer = False
    table = shown.ui.classTable
    table.item(0, 1).setText("spleen")
    assert table.item(0, 1).text() == "liver"
    table.item(0, 3).setCheckState(QtCore.Qt.CheckState.Checked)
    assert table.item(0, 3).checkState() == QtCore.Qt.CheckState.Unchecked


def test_classes_come_and_go(shown, recorder):
    recorder.show(classes=(SPLEEN,), selected=SPLEEN.id)
    table = shown.ui.classTable
    assert (table.rowCount, table.item(0, 1).text(), table.currentRow()) == (1, "spleen", 0)
    recorder.show(classes=(), selected="")
    assert table.rowCount == 0
    assert not table.selectionModel().hasSelection()
    assert recorder.take() == []


def test_the_log_is_shown(panel, host):
    logs.run("propagate", slices=7)
    panel.ui.logButton.click()
    ((text, detail),) = host.boxes
    assert str(logs.log_file()) in text
    assert logs.log_file().is_file()
    assert '"slices": 7' in detail


def test_keys_without_a_button(shown, recorder):
    shown._actions["next_class"]()
    assert recorder.take() == [("select_class", SPLEEN.id)]
    recorder.show(selected=SPLEEN.id)
    recorder.take()
    shown._actions["next_class"]()
    assert recorder.take() == [("select_class", LIVER.id)]
    shown._actions["negative"]()
    assert shown.ui.backgroundButton.checked
    shown._actions["negative"]()
    assert shown.ui.structureButton.checked
    shown._actions["erase"]()
    assert shown.ui.eraseButton.checked


def test_files(shown, recorder, host):
    shown.ui.saveSceneButton.click()
    shown.ui.exportButton.click()
    assert recorder.take() == [], "the dialog was cancelled"
    host.dialogs.answers["getSaveFileName"] = "/data/my.case/head"
    shown.ui.saveSceneButton.click()
    shown.ui.exportButton.click()
    host.dialogs.answers["getSaveFileName"] = "/data/head.nii.gz"
    shown.ui.exportButton.click()
    assert recorder.take() == [
        ("save_scene", "/data/my.case/head.mrb"),
        ("export", "/data/my.case/head.seg.nrrd"),
        ("export", "/data/head.nii.gz"),
    ]


def test_settings_come_back(shown, recorder, host):
    shown.ui.radiusSlider.value = 6.5
    shown.ui.liveBox.click()
    shown.ui.acrossBox.click()
    shown.ui.deviceBox.setCurrentIndex(1)
    from S2VNetSlicerLib.desktop.widget import Panel

    again = Recorder()
    other = Panel(shown.ui, again)
    assert (other.tool.radius, again.runs.live, again.runs.across) == (6.5, False, False)
    assert again.take() == [("set_device", "cpu")]
    other.close()


def test_ticking_ends_when_nobody_looks_and_nothing_runs(shown, recorder):
    recorder.show(busy="Propagating", total=10)
    shown.exit()
    shown._tick()
    assert shown._timer.active, "it goes on in another module"
    recorder.show(busy="")
    shown._tick()
    assert not shown._timer.active
    shown.enter()
    assert shown._timer.active


def test_the_timer_ticks_the_presenter(shown, recorder):
    recorder.calls.clear()
    QtTest.QTest.qWait(200)
    assert ("tick",) in recorder.calls


def test_closing_lets_go(shown, recorder):
    shown.close()
    assert recorder.take() == [("close",)]
    assert recorder.observers == []
    shown._stop_observing = lambda: None
    shown._timer.connect("timeout()", shown._tick)  # for the fixture's own end


def test_no_widget_is_cut_off(shown):
    shown.top.resize(420, 900)
    shown.top.show()
    QtWidgets.QApplication.processEvents()
    for button in shown.top.findChildren(QtWidgets.QPushButton):
        if button.visible:
            assert button.width >= button.minimumSizeHint.width(), button.objectName
    assert shown.top.layout().minimumSize().width() <= 420
