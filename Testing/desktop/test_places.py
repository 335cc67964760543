"""Two patients in the panel: what is chosen belongs together, and strokes go where they aim."""

from __future__ import annotations

import numpy as np
from session_steps import MIDDLE, choose, mark, state


def test_a_segmentation_brings_its_volume_along(session, host, add_volume):
    mark(session, host)
    first = state(session)
    add_volume("second")
    choose(session, "second")
    assert not state(session).anchored
    mark(session, host)
    second = state(session)
    kept = session.panel.presenter.annotation.marks_volume()
    name = host.scene.GetNodeByID(first.segmentation).GetName()
    session.ui.segmentationSelector.choose(name)
    assert state(session).volume == first.volume
    assert session.ui.volumeSelector.currentNodeID == first.volume
    selection = host.app.applicationLogic().GetSelectionNode()
    assert selection.GetActiveVolumeID() == first.volume, "all views follow it"
    assert np.array_equal(state(session).slice_status, first.slice_status)
    assert session.ui.undoButton.enabled
    assert not host.scene.GetNodeByID(second.segmentation).GetDisplayNode().GetVisibility()
    session.ui.volumeSelector.choose("second")
    assert state(session).segmentation == second.segmentation
    assert np.array_equal(session.panel.presenter.annotation.marks_volume(), kept)


def test_a_view_of_another_volume_takes_no_stroke(session, host, add_volume):
    other = add_volume("second")
    widget = host.slice_widget()
    composite = host.scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    composite.SetLayoutName(widget.mrmlSliceNode().GetLayoutName())
    composite.SetBackgroundVolumeID(other.GetID())
    widget.click(*MIDDLE)
    assert "The view shows second, but head is marked" in session.ui.messageLabel.text
    assert not state(session).anchored
    composite.SetBackgroundVolumeID(state(session).volume)
    widget.click(*MIDDLE)
    assert state(session).anchored


def test_lock_and_eye_select_no_class_and_all_others_are_locked_at_once(session):
    session.ui.addClassButton.click()
    ids = [row.id for row in state(session).classes]
    assert state(session).selected == ids[1]
    table = session.ui.classTable
    table.setCurrentCell(0, 3)
    assert state(session).selected == ids[1]
    table.setCurrentCell(0, 1)
    assert state(session).selected == ids[0]
    session.ui.lockOthersButton.click()
    assert [row.locked for row in state(session).classes] == [False, True]
    session.ui.lockOthersButton.click()
    assert [row.locked for row in state(session).classes] == [False, False]
