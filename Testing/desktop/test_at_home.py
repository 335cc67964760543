"""The panel among Slicer's own: what it chooses, how much room it takes, the mouse, a reload."""

from __future__ import annotations

from PySide6 import QtCore, QtWidgets
from session_steps import MIDDLE, mark, state

CHANGED = 6
PANEL = (420, 690)
"""Pixels that a window of 1600x1000 leaves to a module."""


def show_in_view(host, volume, name="Red"):
    node = host.scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    node.SetLayoutName(name)
    node.SetBackgroundVolumeID(None if volume is None else volume.GetID())


def again(widget):
    """Leave the module and come back."""
    widget.exit()
    widget.enter()


def test_the_volume_in_the_views_is_chosen(ticked, host, add_volume):
    volume = add_volume()
    again(ticked)
    assert state(ticked).volume is None, "no view shows it"
    show_in_view(host, volume)
    again(ticked)
    assert state(ticked).volume == ticked.ui.volumeSelector.currentNodeID == volume.GetID()
    other = add_volume("other")
    ticked.ui.volumeSelector.choose("other")
    again(ticked)
    assert state(ticked).volume == other.GetID(), "what was chosen stays"


def test_of_two_volumes_in_the_views_the_user_chooses(ticked, host, add_volume):
    host.app.layoutManager().show(["Red", "Green", "Yellow"])
    for name in ("Red", "Green"):
        show_in_view(host, add_volume(name), name)
    again(ticked)
    assert state(ticked).volume is None


def shown_at(widget, size=PANEL):
    """The module as Slicer shows it: as high as it has to be, in a panel that scrolls."""
    top = widget.parent
    top.show()
    for _ in range(3):
        QtWidgets.QApplication.processEvents()
    top.resize(size[0], max(size[1], top.layout().totalHeightForWidth(size[0])))
    QtWidgets.QApplication.processEvents()
    return top


def bottom(widget, top):
    return widget.mapTo(top, QtCore.QPoint(0, int(widget.height))).y()


def test_nothing_that_is_shown_makes_the_panel_wider(session, host, add_volume):
    session.parent.show()
    QtWidgets.QApplication.processEvents()
    widths = {session.parent.layout().totalMinimumSize().width()}
    add_volume("T1 weighted, sagittal, before contrast medium, second session of the study " * 3)
    session.ui.volumeSelector.setCurrentIndex(2)
    session.ui.volumeSelector.activated.emit(2)
    mark(session, host)
    assert state(session).axis is not None, "directions have names now"
    QtWidgets.QApplication.processEvents()
    widths.add(session.parent.layout().totalMinimumSize().width())
    session.panel.presenter.choose_segmentation("none")
    assert state(session).message
    QtWidgets.QApplication.processEvents()
    widths.add(session.parent.layout().totalMinimumSize().width())
    assert len(widths) == 1
    assert widths.pop() <= PANEL[0]


def test_review_and_export_are_seen_without_scrolling(session, host):
    mark(session, host)
    top, ui = shown_at(session), session.ui
    assert ui.settingsSection.collapsed
    assert ui.settingsSection.text == "Modality, slices and device: MR, Axial, auto"
    assert bottom(ui.stripFrame, top) < 200, "also when something below is unfolded"
    assert bottom(ui.exportSection, top) <= PANEL[1]
    ui.settingsSection.collapsed = False
    session.panel.draw(state(session))
    assert not ui.settingsSection.collapsed, "who unfolds it may look at it"
    ui.volumeSelector.choose("None")
    assert not ui.settingsSection.collapsed


def test_a_column_of_corrections_comes_with_the_first(session, host):
    table = session.ui.classTable
    mark(session, host)
    assert table.isColumnHidden(CHANGED)
    session.panel.presenter.correct()
    host.slice_widget().click(100, 130)
    session.panel.presenter.wait()
    assert state(session).classes[0].changed_voxels
    assert not table.isColumnHidden(CHANGED)


def test_a_reload_in_mid_run_says_what_is_still_to_do(session, host):
    host.slice_widget().click(*MIDDLE)
    for _ in range(100):
        session.panel._tick()
        if state(session).busy == "Propagating" and state(session).done:
            break
    assert state(session).busy == "Propagating"
    session.cleanup()  # as *Reload* does
    session.setup()
    session.panel._timer.stop()
    session.enter()
    assert "still to be carried through the volume" in state(session).message
    assert session.ui.wholeButton.enabled
    session.ui.wholeButton.click()
    session.panel.presenter.wait()
    assert (state(session).slice_status > 0).all()
    assert state(session).message == ""


def test_mark_off_gives_the_mouse_back_at_once(session, host):
    view, seen = host.slice_widget(), []
    view.interactor().AddObserver(
        "LeftButtonPressEvent", lambda *_: seen.append("press"), 0.5
    )  # as Slicer's own window/level does
    view.click(*MIDDLE)
    assert seen == [], "the tool's"
    session.ui.markButton.click()
    assert not session.panel.tool.enabled
    view.click(*MIDDLE)
    assert seen == ["press"]
    actors = view.window.GetRenderers().GetFirstRenderer().GetActors2D()
    assert not any(actors.GetItemAsObject(n).GetVisibility() for n in range(2))
