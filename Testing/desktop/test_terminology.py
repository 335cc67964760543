"""Terminology: Slicer's entries in the table, chosen with its navigator, kept in the segment."""

from __future__ import annotations

import pytest
from PySide6 import QtCore, QtTest
from session_steps import mark, state
from stand_ins import qSlicerTerminologyNavigatorWidget as Navigator

NAME, TERMINOLOGY = 1, 2


def segment(widget, n=0):
    import slicer

    now = state(widget)
    node = slicer.mrmlScene.GetNodeByID(now.segmentation)
    return node.GetSegmentation().GetSegment(now.classes[n].id)


def shown(widget, n=0):
    widget.panel._tick()
    return widget.ui.classTable.item(n, TERMINOLOGY)


@pytest.fixture
def terminology(host):
    return host.load("S2VNetSlicerLib.desktop.terminology")


@pytest.fixture
def spleen(terminology):
    return terminology.known("spleen")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("spleen", "Spleen"),
        ("Left kidney", "Kidney, Left"),
        ("kidney_right", "Kidney, Right"),
        ("Liver", "Liver"),
        ("brain stem", "Brain stem"),
        ("cerebellum", "Cerebellum"),
        ("Structure 1", ""),
        ("", ""),
        ("left", ""),
    ],
)
def test_what_slicer_knows_by_name(terminology, name, words):
    assert terminology.described(terminology.known(name))[0] == words


def test_the_whole_entry_is_told(terminology, spleen):
    assert "Category: Anatomical Structure\n  Type: Spleen" in terminology.described(spleen)[1]
    assert terminology.described("") == ("", "")
    assert terminology.described("not an entry") == ("", "")


def test_a_new_class_has_slicers_default_until_its_name_says_more(session):
    import slicer

    default = slicer.vtkSegment().GetTerminology()
    assert segment(session).GetTerminology() == default
    assert shown(session).text() == "", "which is no news"
    table = session.ui.classTable
    table.item(0, NAME).setText("something")
    assert segment(session).GetTerminology() == default
    table.item(0, NAME).setText("left kidney")
    assert shown(session).text() == "Kidney, Left"
    assert "Type: Kidney" in shown(session).toolTip()
    table.item(0, NAME).setText("spleen")
    assert shown(session).text() == "Kidney, Left", "what is there is not taken back"


def test_choosing(session, host, spleen):
    seen = []

    def select(dialog):
        navigator = dialog.findChild(Navigator)
        start, _cancel = dialog.findChildren(host.qt.QPushButton)
        seen.append((dialog.windowTitle, navigator.overrideSectionVisible, start.enabled))
        navigator.pick(spleen)
        assert start.enabled
        start.click()

    host.dialogs.answers["exec_"] = select
    session.ui.classTable.cellClicked.emit(0, TERMINOLOGY)
    assert seen == [("Terminology", False, True)], "it begins with what the class has"
    assert segment(session).GetTerminology() == spleen
    assert shown(session).text() == "Spleen"
    assert state(session).classes[0].terminology == spleen
    assert segment(session).GetName() == "Structure 1"


def test_cancelling(session, host):
    before = segment(session).GetTerminology()
    session.ui.classTable.cellClicked.emit(0, TERMINOLOGY)
    assert "exec_" in host.dialogs.asked
    assert segment(session).GetTerminology() == before
    segment(session).SetTerminology("")
    host.dialogs.answers["exec_"] = lambda dialog: dialog.accept()  # nothing was selected
    session.panel._tick()
    session.ui.classTable.cellClicked.emit(0, TERMINOLOGY)
    assert segment(session).GetTerminology() == ""


def test_a_double_click_in_the_navigator_selects(session, host, spleen):
    def double_click(dialog):
        dialog.findChild(Navigator).pick(spleen)
        dialog.findChild(Navigator).typeDoubleClicked.emit()

    host.dialogs.answers["exec_"] = double_click
    session.ui.classTable.cellClicked.emit(0, TERMINOLOGY)
    assert segment(session).GetTerminology() == spleen


def test_what_slicers_own_modules_write_is_shown(session, spleen):
    segment(session).SetTerminology(spleen)
    assert shown(session).text() == "Spleen"


def test_it_survives_saving_closing_and_reopening(session, host, spleen, tmp_path):
    mark(session, host)
    segment(session).SetTerminology(spleen)
    host.dialogs.answers["getSaveFileName"] = str(tmp_path / "work.mrb")
    session.ui.saveSceneButton.click()
    host.scene.Clear(0)
    session.panel._tick()
    assert session.ui.classTable.rowCount == 0
    assert host.scene.ReadFromMRB(str(tmp_path / "work.mrb"), True)
    assert shown(session).text() == "Spleen"
    assert segment(session).GetTerminology() == spleen


def test_it_is_in_the_exported_segmentation(session, host, spleen, tmp_path):
    from S2VNetSlicerLib.scene.files import read_segmentation

    mark(session, host)
    segment(session).SetTerminology(spleen)
    host.dialogs.answers["getSaveFileName"] = str(tmp_path / "result.seg.nrrd")
    session.ui.exportButton.click()
    assert state(session).message == ""
    node = read_segmentation(tmp_path / "result.seg.nrrd", host.scene)
    assert node.GetSegmentation().GetNthSegment(0).GetTerminology() == spleen


def test_it_comes_back_with_a_removed_class(session, host, spleen):
    mark(session, host)
    segment(session).SetTerminology(spleen)
    session.panel._tick()
    session.ui.removeClassButton.click()
    assert session.ui.classTable.rowCount == 0
    session.ui.undoButton.click()
    assert segment(session).GetTerminology() == spleen
    assert shown(session).text() == "Spleen"


def test_a_click_on_the_cell_opens_the_navigator(session, host):
    table = session.ui.classTable
    centre = table.visualItemRect(table.item(0, TERMINOLOGY)).center()
    QtTest.QTest.mouseClick(table.viewport(), QtCore.Qt.MouseButton.LeftButton, pos=centre)
    assert host.dialogs.asked == ["exec_"]
