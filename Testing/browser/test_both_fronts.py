"""The panel in Slicer and the page do the same to the scene, step by step."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", reason="no PySide6, or no EGL", exc_type=ImportError)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "desktop"))
from driving import page_sets, serving
from host import Host, settle
from PySide6 import QtCore
from S2VNetSlicerLib.scene.application import HeadlessApplication
from S2VNetSlicerLib.scene.audit import read_audit
from S2VNetSlicerLib.scene.marks import segment_mask
from S2VNetSlicerLib.scene.volumes import SEGMENTATION, nodes_of, volume_to_node

BALLS = (22, 24), (42, 44)
"""Row and column of the two bright balls in the middle slice."""
STEPS = [
    ("add",),
    ("add",),
    ("press", "next_class"),
    ("stroke", BALLS[0], False),
    ("press", "next_class"),
    ("stroke", BALLS[1], False),
    ("stroke", (5, 50), True),
    ("press", "undo"),
    ("press", "redo"),
    ("rename", 0, "femur"),
    ("lock", 1),
    ("go_to", 3),
    ("press", "accept"),
    ("live", False),
    ("across", False),
    ("go_to", 11),
    ("press", "next_class"),
    ("stroke", BALLS[0], False),
    ("cancelled", "whole"),
    ("go_to", 9),
    ("press", "between"),
    ("press", "up"),
    ("press", "whole"),
    ("press", "worst"),
    ("press", "undo"),
    ("press", "undo"),
    ("press", "redo"),
]


def content(presenter):
    """What is in the scene: of every segmentation each segment, its voxels and its audit."""
    volume, found = presenter.workspace.volume_node, {}
    for node in nodes_of(presenter.workspace.scene, SEGMENTATION):
        segments = node.GetSegmentation()
        for id in segments.GetSegmentIDs():
            segment = segments.GetSegment(id)
            found[node.GetName(), segment.GetName()] = (
                segment.GetColor(),
                read_audit(node, id),
                segment_mask(volume, node, id).astype(np.uint8).tobytes(),
            )
    state = presenter.state
    shown = state.slice, state.worst, state.can_undo, state.can_redo, state.message
    rows = [(row.name, row.ml, row.locked, row.id == state.selected) for row in state.classes]
    return found, shown, rows


def stroke_at(presenter, row, column):
    grid = presenter.workspace.grid()
    point = np.array([[column, row, presenter.state.slice]], float)
    return grid.ijk_to_ras_points(point), grid.ijk_to_ras[:3, 2] / grid.spacing[0]


class Front:
    """One of the two; a step is a method."""

    def go(self, name, *arguments):
        if name == "cancelled":
            self.press(*arguments)
            for _ in range(6):
                self.presenter.tick()
            self.press("cancel")
        else:
            getattr(self, name)(*arguments)
        self.presenter.wait()
        return content(self.presenter)


class Page(Front):
    def __init__(self, application) -> None:
        self.application, self.presenter = application, application.presenter
        self.actions = application.page.actions
        self.add, self.press = self.actions.add_class, self.actions.press
        self.go_to = self.actions.go_to

    def stroke(self, at, negative):
        self.application._stroke(*stroke_at(self.presenter, *at), negative, False)

    def rename(self, n, name):
        self.actions.rename(self.presenter.state.classes[n].id, name)

    def lock(self, n):
        self.actions.lock_class(self.presenter.state.classes[n].id, True)

    def live(self, on):
        with self.application.server.state as page:
            page.live = on
        self.application._set_tool()

    def across(self, on):
        with self.application.server.state as page:
            page.across = on
        self.application._set_tool()


class Desk(Front):
    def __init__(self, widget) -> None:
        self.ui, self.panel, self.presenter = widget.ui, widget.panel, widget.panel.presenter
        self.add, self.go_to = self.ui.addClassButton.click, self.panel._jump

    def press(self, action):
        self.panel._actions[action]()

    def stroke(self, at, negative):
        self.panel._stroke(*stroke_at(self.presenter, *at), negative, False)

    def rename(self, n, name):
        self.ui.classTable.item(n, 1).setText(name)

    def lock(self, n):
        self.ui.classTable.item(n, 3).setCheckState(QtCore.Qt.CheckState.Checked)

    def live(self, on):
        self.ui.liveBox.click()
        assert self.presenter.runs.live == on

    def across(self, on):
        self.ui.acrossBox.click()
        assert self.presenter.runs.across == on


@pytest.fixture
def desk(weights, volume, monkeypatch):
    """The panel's module in its stand-in host, with the volume chosen."""
    from S2VNetSlicerLib.network import weights as shipped

    monkeypatch.setattr(shipped, "default_weights", lambda: weights)
    application = HeadlessApplication()
    host = Host(monkeypatch, application._application)
    module = host.load("S2VNetSlicer")
    plain = module.S2VNetSlicerLogic.presenter
    monkeypatch.setattr(module.S2VNetSlicerLogic, "presenter", lambda self: plain(self, True))
    widget = module.S2VNetSlicerWidget()
    widget.setup()
    widget.enter()
    widget.panel._timer.stop()
    node = volume_to_node(volume, application.scene)
    widget.ui.volumeSelector.choose(node.GetName())
    widget.ui.radiusSlider.value = 3.0
    yield Desk(widget)
    widget.cleanup()
    widget.parent.deleteLater()
    settle()
    host.close()
    assert host.failures == []


def test_both_do_the_same(desk, in_application, volume):
    async def test(application):
        async with await serving(application):
            application.show_volume(volume)
            await page_sets(application, marking=True, radius=3.0)
            page = Page(application)
            seen = []
            for step in STEPS:
                there, here = desk.go(*step), page.go(*step)
                assert here == there, step
                seen.append(here)
            return seen

    seen = in_application(test)
    changed = [step for step, a, b in zip(STEPS[1:], seen, seen[1:], strict=False) if a != b]
    idle = {step for step in STEPS[1:] if step not in changed}
    assert idle == {("live", False), ("across", False)}, idle
    segments, _, rows = seen[-1]
    assert len(segments) == 5, "two structures, and their marks beside the background's"
    assert [(name, locked) for name, _, locked, _ in rows] == [
        ("femur", False),
        ("Structure 2", True),
    ]
