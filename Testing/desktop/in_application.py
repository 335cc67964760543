"""A scripted session inside the application: real mouse and key events, timings, pictures.

Started by ``Testing/in_slicer.py`` as ``--python-script in_application.py OUTPUT [FOLDER]``; writes
``junit.xml``, ``timings.json`` and a picture after each step to OUTPUT. With a FOLDER of volumes
the steps are those of ``measured``, else those of ``views``; the tests run a ``Session`` in the
stand-in.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import qt
import slicer

sys.path.insert(0, str(Path(__file__).parent))
from session_steps import ORIGIN, SPACING, ball

MODULE, EFFECT = "S2VNetSlicer", "S2VNetSegmentEditorEffect"
POLL = 5
"""Milliseconds between two looks at what is waited for."""
FIELD = 60
"""mm across a slice view."""
WINDOW = 1600, 1000
"""Pixels of the main window: screens of laptops are as large."""
PATIENCE = 120
"""Seconds until what is waited for has failed."""


def wait(until: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
    """Let the event loop run, as it does under a user; the seconds it took.

    A loop of Python's own would lend the interpreter to threads, which Slicer's loop does not.
    """
    began, loop, timer = time.perf_counter(), qt.QEventLoop(), qt.QTimer()
    wrong: list[BaseException] = []

    def look() -> None:
        try:
            over = until() or time.perf_counter() - began > seconds
        except BaseException as error:  # Qt would print it and go on
            wrong.append(error)
            over = True
        if over:
            loop.quit()

    timer.setInterval(POLL)
    timer.connect("timeout()", look)
    timer.start()
    loop.exec_()
    timer.stop()
    timer.disconnect("timeout()", look)
    if wrong:
        raise wrong[0]
    assert until(), f"{what}: not after {seconds} s"
    return time.perf_counter() - began


class Blocks:
    """The longest time, in ms, in which the event loop did nothing else."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()
        self._timer = qt.QTimer()
        self._timer.setInterval(POLL)
        self._timer.connect("timeout()", self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, 1000 * (now - self._last) - POLL), now

    def take(self) -> float:
        longest, self.longest, self._last = self.longest, 0.0, time.perf_counter()
        return round(longest, 1)

    def close(self) -> None:
        self._timer.stop()
        self._timer.disconnect("timeout()", self._beat)


class Mouse:
    """A user's mouse: events that Qt delivers to the widget under it."""

    def __init__(self) -> None:
        self._none, self._left = qt.Qt.NoButton, qt.Qt.LeftButton

    def _send(self, widget, kind, at, button, buttons, keys) -> None:
        where = qt.QPointF(*at)
        everywhere = qt.QPointF(widget.mapToGlobal(qt.QPoint(*map(int, at))))
        event = qt.QMouseEvent(kind, where, everywhere, button, buttons, keys)
        qt.QCoreApplication.sendEvent(widget, event)

    def drag(self, widget, path, *, ctrl: bool = False, escape: bool = False) -> float:
        """Press at the first of ``path`` (pixels from the upper left), let go at the last.

        ``escape``: after the Escape key. Returns when it let go, as ``time.perf_counter``.
        """
        keys = qt.Qt.ControlModifier if ctrl else qt.Qt.NoModifier
        moved, pressed = qt.QEvent.MouseMove, qt.QEvent.MouseButtonPress
        self._send(widget, moved, path[0], self._none, self._none, keys)
        self._send(widget, pressed, path[0], self._left, self._left, keys)
        for at in path[1:]:
            self._send(widget, moved, at, self._none, self._left, keys)
        if escape:
            pressed = qt.QEvent.KeyPress, qt.Qt.Key_Escape, qt.Qt.NoModifier
            qt.QCoreApplication.sendEvent(widget, qt.QKeyEvent(*pressed))
        let_go = time.perf_counter()
        self._send(widget, qt.QEvent.MouseButtonRelease, path[-1], self._left, self._none, keys)
        return let_go

    def click(self, widget) -> None:
        """In the middle of a button, which must be there to be clicked."""
        assert widget.enabled, f"{widget.name} is disabled"
        self.drag(widget, [(int(widget.width) // 2, int(widget.height) // 2)])

    def draw(self, view: str, path, **keys: bool) -> float:
        """A drag in a slice view; ``path`` in shares of its width and height."""
        target = slicer.app.layoutManager().sliceWidget(view).sliceView().VTKWidget()
        width, height = int(target.width), int(target.height)
        return self.drag(target, [(x * width, y * height) for x, y in path], **keys)

    def wheel(self, view: str, *, shift: bool = False, back: bool = False) -> None:
        """One step away from the user, or ``back``, in the middle of a slice view."""
        target = slicer.app.layoutManager().sliceWidget(view).sliceView().VTKWidget()
        at = qt.QPoint(int(target.width) // 2, int(target.height) // 2)
        places = qt.QPointF(at), qt.QPointF(target.mapToGlobal(at))
        turned = qt.QPoint(0, 0), qt.QPoint(0, -120 if back else 120)
        keys = qt.Qt.ShiftModifier if shift else qt.Qt.NoModifier
        rest = qt.Qt.NoScrollPhase, False
        event = qt.QWheelEvent(*places, *turned, self._none, keys, *rest)
        qt.QCoreApplication.sendEvent(target, event)


class Application:
    """The panel, and what steps look at."""

    def __init__(self, output: Path) -> None:
        slicer.util.mainWindow().resize(*WINDOW)
        self.output, self.mouse, self.blocks = output, Mouse(), Blocks()
        self.timings: dict[str, float] = {}
        self.volumes: list = []

    @property
    def panel(self):
        return slicer.util.getModuleWidget(MODULE).panel

    @property
    def ui(self):
        return self.panel.ui

    @property
    def state(self):
        return self.panel.presenter.state

    def settled(self) -> bool:
        return not self.state.busy and self.state.slice_status is not None

    def finish(self) -> float:
        """Wait until everything that was marked went through the volume."""
        took = wait(lambda: self.settled() and (self.state.slice_status > 0).all(), "all slices")
        assert self.state.message == "", self.state.message
        return took

    def reached(self) -> int:
        return 0 if self.state.slice_status is None else int((self.state.slice_status > 0).sum())

    def add_volume(self, name: str):
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
        slicer.util.updateVolumeFromArray(node, ball()[0])
        node.SetSpacing(SPACING)
        node.SetOrigin(ORIGIN)
        node.CreateDefaultDisplayNodes()
        return node

    def show(self, volume) -> None:
        """In all slice views, around the origin, where the ball is."""
        for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
            node.SetBackgroundVolumeID(volume.GetID())
        for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
            width, height, _ = node.GetDimensions()
            node.SetFieldOfView(FIELD, FIELD * height / width, 1)
            node.JumpSliceByCentering(0, 0, 0)


class Session(Application):
    """The steps, in the order of their names' numbers; each leaves the next what it needs."""

    def step_01_self_tests(self) -> None:
        for name in (EFFECT, MODULE):
            module = __import__(name)
            getattr(module, f"{name}Test")().runTest()
        slicer.mrmlScene.Clear()

    def step_02_the_volume_in_the_views_is_chosen(self) -> None:
        self.volumes = [self.add_volume("first"), self.add_volume("second")]
        slicer.util.selectModule("Data")
        self.show(self.volumes[0])
        slicer.util.selectModule(MODULE)
        wait(lambda: self.state.volume == self.volumes[0].GetID(), "the volume")

    def step_03_mark_and_propagate(self) -> None:
        self.mouse.click(self.ui.addClassButton)
        if not self.ui.markButton.checked:
            self.mouse.click(self.ui.markButton)
        self.mouse.draw("Red", [(0.5, 0.5), (0.52, 0.5), (0.52, 0.52)])
        began = time.perf_counter()
        wait(lambda: self.reached() > 0, "a mask on the marked slice")
        self.timings["stroke to mask on its slice, s"] = time.perf_counter() - began
        self.finish()
        self.timings["stroke to all slices, s"] = time.perf_counter() - began
        self.mouse.draw("Red", [(0.27, 0.5)], ctrl=True)
        self.finish()

    def step_04_undo_and_redo(self) -> None:
        before = self.state.slice_status.tolist()
        for button in (self.ui.undoButton, self.ui.redoButton):
            self.mouse.click(button)
            wait(self.settled, "undo and redo")
        assert self.state.slice_status.tolist() == before

    def step_05_wheel_escape_and_mark_off(self) -> None:
        radius, before = self.ui.radiusSlider.value, self.state.slice_status.tolist()
        self.mouse.wheel("Red", shift=True)
        assert abs(self.ui.radiusSlider.value - 1.2 * radius) < 0.1
        path = [(0.4, 0.4), (0.45, 0.45)]
        self.mouse.draw("Red", path, escape=True)
        self.mouse.click(self.ui.markButton)
        self.mouse.draw("Red", path)
        assert not self.state.busy
        assert self.state.slice_status.tolist() == before
        self.mouse.click(self.ui.markButton)

    def step_06_two_volumes(self) -> None:
        first, second = self.volumes
        for volume, classes in ((second, 0), (first, 1)):
            assert self.panel.presenter.choose_volume(volume.GetID()), self.state.message
            wait(lambda n=classes: len(self.state.classes) == n, "its classes")
        assert self.reached() == len(self.state.slice_status)

    def step_07_another_module_in_mid_run(self) -> None:
        self.mouse.draw("Red", [(0.5, 0.5), (0.45, 0.5)])
        slicer.util.selectModule("Data")
        self.finish()
        slicer.util.selectModule(MODULE)
        if not self.ui.markButton.checked:
            self.mouse.click(self.ui.markButton)

    def step_08_reload_in_mid_run(self) -> None:
        self.mouse.draw("Red", [(0.5, 0.5), (0.5, 0.45)])
        slicer.util.reloadScriptedModule(MODULE)
        if self.state.message:
            assert "still to be carried" in self.state.message, self.state.message
            self.mouse.click(self.ui.wholeButton)
        self.finish()

    def step_09_save_and_reopen(self) -> None:
        before = self.state
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "session.mrb")
            assert self.panel.presenter.save_scene(path), self.state.message
            slicer.mrmlScene.Clear()
            wait(lambda: self.state.volume is None, "the empty scene")
            assert slicer.mrmlScene.ReadFromMRB(path, True)
        wait(self.settled, "the reopened scene")
        assert self.state.slice_status.tolist() == before.slice_status.tolist()
        assert [r.name for r in self.state.classes] == [r.name for r in before.classes]

    def step_10_scene_closed_in_mid_run(self) -> None:
        if not self.ui.markButton.checked:
            self.mouse.click(self.ui.markButton)
        self.mouse.draw("Red", [(0.5, 0.5), (0.55, 0.5)])
        slicer.mrmlScene.Clear()
        wait(lambda: not self.state.busy and self.state.volume is None, "the end of the run")

    def step_11_effect_cancel_apply_undo(self) -> None:
        volume = self.add_volume("edited")
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "edited")
        node.CreateDefaultDisplayNodes()
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        segment = node.GetSegmentation().AddEmptySegment("ball", "ball", (1.0, 0.5, 0.0))
        slicer.util.selectModule("SegmentEditor")
        self.show(volume)
        editor = slicer.util.getModuleWidget("SegmentEditor").editor
        editor.setSegmentationNode(node)
        editor.setSourceVolumeNode(volume)
        editor.setCurrentSegmentID(segment)
        editor.setActiveEffectByName("S2VNet")
        effect = editor.activeEffect().self()

        def voxels() -> int:
            labels = slicer.util.arrayFromSegmentBinaryLabelmap(node, segment, volume)
            return 0 if labels is None else int(np.count_nonzero(labels))

        for button, filled in ((effect.cancelButton, False), (effect.applyButton, True)):
            began = time.perf_counter()
            self.mouse.draw("Red", [(0.5, 0.5), (0.52, 0.52)])
            wait(lambda: effect.applyButton.enabled, "the preview")
            self.timings["effect: stroke to preview, s"] = time.perf_counter() - began
            self.mouse.click(button)
            assert bool(voxels()) == filled, button.text
        editor.undo()
        assert voxels() == 0, "undo takes the result back"
        editor.setActiveEffectByName("")


def run(output: Path, quit_after: bool = True, kind: type[Application] = Session) -> int:
    """All steps; a step that fails does not keep the next from trying. 0 when all passed."""
    output.mkdir(parents=True, exist_ok=True)
    suite = ElementTree.Element("testsuite", name="in 3D Slicer")
    session, figures, failures = kind(output), {}, 0
    for name in sorted(n for n in dir(session) if n.startswith("step_")):
        case = ElementTree.SubElement(suite, "testcase", classname="in_slicer", name=name)
        began = time.perf_counter()
        session.blocks.take()
        try:
            getattr(session, name)()
        except BaseException as error:  # also unittest's SkipTest: nothing is skipped here
            failures += 1
            problem = ElementTree.SubElement(case, "failure", message=str(error))
            problem.text = traceback.format_exc()
            print(problem.text, file=sys.stderr, flush=True)
        case.set("time", f"{time.perf_counter() - began:.3f}")
        figures[name] = {"s": float(case.get("time")), "longest block, ms": session.blocks.take()}
        slicer.util.mainWindow().grab().save(str(output / f"{name}.png"))
    session.blocks.close()
    cases = len(suite)
    suite.set("tests", str(cases))
    suite.set("failures", str(failures))
    timings = {"steps": figures, "measured": session.timings}
    (output / "timings.json").write_text(json.dumps(timings, indent=1), "utf-8")
    ElementTree.ElementTree(suite).write(output / "junit.xml", "utf-8", xml_declaration=True)
    print(f"{cases - failures} passed, {failures} failed", flush=True)
    if quit_after:
        slicer.util.exit(int(failures > 0))
    return int(failures > 0)


def main(output: str, folder: str | None = None) -> None:
    from measured import measured
    from views import Views

    run(Path(output), kind=Views if folder is None else measured(Path(folder)))


if __name__ == "__main__":
    sys.modules["in_application"] = sys.modules[__name__]
    qt.QTimer.singleShot(1000, lambda: main(*sys.argv[1:]))
