"""A whole session through the panel, on the real presenter, network (a small one) and scene."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6 import QtTest
from session_steps import MIDDLE, SHAPE, choose, mark, state


def voxels(widget):
    """The first segment as the scene has it, bool [k, j, i]."""
    import slicer.util

    scene, now = slicer.mrmlScene, state(widget)
    node, volume = (scene.GetNodeByID(i) for i in (now.segmentation, now.volume))
    return slicer.util.arrayFromSegmentBinaryLabelmap(node, now.classes[0].id, volume) > 0


def test_from_a_volume_to_a_segmentation(session, host):
    ui = session.ui
    assert state(session).volume is not None, state(session).message
    mark(session, host)
    now = state(session)
    assert now.message == ""
    assert now.axis == 0, "the view's own direction"
    assert (now.slice_status > 0).all()
    assert voxels(session)[now.slice].any()
    assert ui.classTable.item(0, 5).text() == f"{now.classes[0].ml:.1f}"
    assert "by the model" in ui.auditLabel.text
    assert ui.axisBox.currentIndex == 1
    assert ui.undoButton.enabled


def test_with_the_worker_thread_and_the_panels_own_timer(weights, add_volume, module, host):
    add_volume()
    choose(module)
    host.slice_widget().click(*MIDDLE)

    def reached():
        made = state(module).slice_status
        return not state(module).busy and made is not None and (made > 0).all()

    for _ in range(3000):
        if reached():
            break
        QtTest.QTest.qWait(10)
    assert reached(), state(module).message
    assert "PyTorch" in module.ui.environmentLabel.text


def test_marks_are_obeyed(session, host):
    mark(session, host)
    now, found = state(session), voxels(session)
    k, j, i = now.slice, 20, 18
    assert found[k, j, i]
    assert not found[k, j, i - 20 if i > 20 else 0], "the background click"


def test_undo_and_redo(session, host):
    mark(session, host)
    first = voxels(session)
    host.slice_widget().click(130, 130, ctrl=True)
    session.panel.presenter.wait()
    second, changed = voxels(session), state(session)
    session.ui.undoButton.click()
    np.testing.assert_array_equal(voxels(session), first)
    session.ui.redoButton.click()
    np.testing.assert_array_equal(voxels(session), second)
    np.testing.assert_array_equal(state(session).slice_status, changed.slice_status)


def test_propagating_and_cancelling(session, host):
    ui, presenter = session.ui, session.panel.presenter
    ui.liveBox.click()
    mark(session, host)
    assert (state(session).slice_status > 0).sum() == 1, "a preview only"
    ui.wholeButton.click()
    for _ in range(20):
        if (state(session).slice_status > 0).sum() < 3:
            session.panel._tick()
    assert ui.cancelButton.enabled
    assert ui.progressLabel.text
    ui.cancelButton.click()
    presenter.wait()
    reached = int((state(session).slice_status > 0).sum())
    assert 1 < reached < SHAPE[0], "finished slices stay"
    assert not ui.cancelButton.enabled
    ui.wholeButton.click()
    presenter.wait()
    assert (state(session).slice_status > 0).all(), "it goes on where it stopped"


def test_accepting(session, host):
    mark(session, host)
    z = state(session).slice
    session.panel.strip.resize(400, 32)
    session.panel._jump(z + 2)
    before = voxels(session)[z + 2]
    session.ui.acceptButton.click()
    assert state(session).slice_status[z + 2] == 3
    assert "accepted by you" in session.ui.auditLabel.text
    assert not session.ui.acceptButton.enabled
    session.panel._jump(z)
    host.slice_widget().click(*MIDDLE, ctrl=True)
    session.panel.presenter.wait()
    np.testing.assert_array_equal(voxels(session)[z + 2], before)


def test_between_needs_two_marked_slices(session, host):
    mark(session, host)
    session.ui.betweenButton.click()
    assert "not between marked slices" in session.ui.messageLabel.text
    session.ui.acceptButton.click()
    assert session.ui.messageLabel.text == "", "the next success takes the message away"
    session.ui.worstButton.click()
    assert state(session).slice == state(session).worst


def test_two_classes(session, host):
    mark(session, host)
    session.ui.addClassButton.click()
    assert session.ui.classTable.currentRow() == 1
    host.slice_widget().click(125, 125)
    session.panel.presenter.wait()
    assert [row.ml > 0 for row in state(session).classes] == [True, True]
    session.ui.removeClassButton.click()
    assert session.ui.classTable.rowCount == 1


def test_a_volume_removed_in_mid_run(session, host):
    session.ui.liveBox.click()
    mark(session, host)
    session.ui.wholeButton.click()
    session.panel._tick()
    session.panel._tick()
    host.scene.RemoveNode(host.scene.GetNodeByID(state(session).volume))
    session.panel._tick()
    assert "removed from the scene" in session.ui.messageLabel.text
    assert not session.ui.cancelButton.enabled
    assert session.ui.volumeSelector.currentNodeID == ""


def test_the_scene_is_closed_and_work_begins_again(session, host, add_volume):
    mark(session, host)
    host.scene.Clear(0)
    session.panel._tick()
    now = state(session)
    assert (now.volume, now.segmentation, now.classes) == (None, None, ())
    assert session.ui.classTable.rowCount == 0
    assert not session.ui.markButton.checked
    add_volume("second")
    host.app.layoutManager().widgets.clear()
    host.app.layoutManager().show(["Red"])
    choose(session, "second")
    mark(session, host)
    assert state(session).message == ""
    assert voxels(session).any()


def test_a_saved_scene_goes_on_where_it_stopped(session, host, tmp_path):
    mark(session, host)
    session.panel.presenter.accept()
    before, found = state(session), voxels(session)
    path = tmp_path / "work.mrb"
    host.dialogs.answers["getSaveFileName"] = str(path)
    session.ui.saveSceneButton.click()
    assert path.is_file(), state(session).message
    host.scene.Clear(0)
    session.panel._tick()
    assert host.scene.ReadFromMRB(str(path), True)
    session.panel._tick()
    now = state(session)
    assert now.message == ""
    assert [row.name for row in now.classes] == [row.name for row in before.classes]
    np.testing.assert_array_equal(now.slice_status, before.slice_status)
    np.testing.assert_array_equal(voxels(session), found)
    assert session.ui.volumeSelector.currentNodeID == now.volume


def test_loading_anything_else_says_nothing(session, host):
    host.scene.InvokeEvent(host.scene.EndImportEvent)
    assert state(session).message == ""


def test_the_modules_own_self_test(host, weights, module):
    """As *Reload and Test* runs it: only ``runTest``, on the panel that is open."""
    host.widgets["S2VNetSlicer"] = module
    s2vnet = host.load("S2VNetSlicer")
    closed = []
    plain = s2vnet.S2VNetSlicerLogic.presenter

    def noted(self, synchronous=False):
        made = plain(self, synchronous)
        made.observe(lambda state: None)
        closed.append(made)
        return made

    s2vnet.S2VNetSlicerLogic.presenter = noted
    s2vnet.S2VNetSlicerTest().runTest()
    assert host.shown_modules == ["S2VNetSlicer"]
    assert not any(made._callbacks for made in closed), "nothing goes on working"
    assert len(closed) == 1


def test_the_self_test_says_what_is_missing(host, module, monkeypatch):
    import unittest

    import S2VNetSlicerLib.desktop.install as install

    monkeypatch.setattr(install, "NEEDED", ("no_such_package",))
    with pytest.raises(unittest.SkipTest, match="no_such_package"):
        host.load("S2VNetSlicer").S2VNetSlicerTest().runTest()
