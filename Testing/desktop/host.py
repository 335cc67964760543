"""A stand-in for the Slicer application around the real MRML scene, as wide as the panel needs.

``Host`` adds to the real package ``slicer`` what only the application has (``slicer.app``,
``slicer.i18n``, ``ScriptedLoadableModule``, layout manager, main window), puts ``qt`` and ``ctk``
into ``sys.modules``, and takes everything away again at the end of a test.
"""

from __future__ import annotations

import importlib
import logging
import sys
import unittest
from pathlib import Path
from traceback import format_exception
from types import ModuleType, SimpleNamespace
from typing import Any

import dialect
import slicer
import slicer.util
import stand_ins
from dialect import Dialogs, in_dialect, settle
from PySide6 import QtCore, QtWidgets
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

MODULES = Path(__file__).resolve().parents[2] / "S2VNetSlicer"
OURS = ("S2VNetSlicer", "S2VNetSegmentEditorEffect")
DESKTOP = "S2VNetSlicerLib.desktop"
"""Modules that hold on to the stand-ins and are forgotten afterwards."""
_KEPT: list[Any] = []
"""Applications and scenes: VTK aborts when one goes before the last of its nodes."""


class SliceWidget:
    """A qMRMLSliceWidget: a real interactor and slice node, nothing is drawn."""

    def __init__(self, node: Any) -> None:
        self.node, self.renders, self._widget = node, 0, None
        self.window = vtkRenderWindow()
        self.window.SetOffScreenRendering(True)
        self.window.SetSize(200, 200)
        self.window.AddRenderer(vtkRenderer())
        self._interactor = vtkGenericRenderWindowInteractor()
        self._interactor.SetRenderWindow(self.window)
        self._interactor.EnableRenderOff()

    def sliceView(self) -> SliceWidget:  # noqa: N802
        return self

    def mrmlSliceNode(self) -> Any:  # noqa: N802
        return self.node

    def interactor(self) -> Any:
        return self._interactor

    def scheduleRender(self) -> None:  # noqa: N802
        self.renders += 1

    def VTKWidget(self) -> Any:  # noqa: N802
        """What Qt's own mouse events go to."""
        if self._widget is None:
            self._widget = stand_ins.VTKWidget(self._interactor)
        return self._widget

    def click(self, x: int, y: int, *, ctrl: bool = False) -> None:
        self.drag([(x, y)], ctrl=ctrl)

    def drag(self, path: list[tuple[int, int]], *, ctrl: bool = False) -> None:
        names = ["LeftButtonPressEvent"] + ["MouseMoveEvent"] * (len(path) - 1)
        for (x, y), event in zip(
            [*path, path[-1]], [*names, "LeftButtonReleaseEvent"], strict=True
        ):
            self._interactor.SetEventInformation(x, y, int(ctrl), 0)
            self._interactor.InvokeEvent(event)


class LayoutManager(in_dialect("QObject")):  # type: ignore[misc]
    """A qMRMLLayoutManager with the slice views of the scene."""

    layoutChanged = QtCore.Signal(int)  # noqa: N815

    def __init__(self, scene: Any) -> None:
        super().__init__()
        self._scene, self.widgets = scene, {}
        self.show(["Red"])

    def show(self, names: list[str]) -> None:
        """Another layout, with one slice view for each name."""
        for name in names:
            if name not in self.widgets:
                node = slicer.vtkMRMLSliceNode()
                node.SetName(name)
                node.SetLayoutName(name)
                node.SetSingletonTag(name)
                node = self._scene.AddNode(node)
                node.SetDimensions(200, 200, 1)
                node.SetFieldOfView(100, 100, 1)
                self.widgets[name] = SliceWidget(node)
        self.names = names
        self.layoutChanged.emit(0)

    def sliceViewNames(self) -> list[str]:  # noqa: N802
        return self.names

    def sliceWidget(self, name: str) -> SliceWidget:  # noqa: N802
        return self.widgets[name]


class Application(in_dialect("QObject")):  # type: ignore[misc]
    """``slicer.app``."""

    startupCompleted = QtCore.Signal()  # noqa: N815
    applicationName = "Slicer"  # noqa: N815

    def __init__(self, scene: Any, logic: Any) -> None:
        super().__init__()
        self._logic, self._layout = logic, LayoutManager(scene)
        self._manager = SimpleNamespace(connect=lambda *_: None, disconnect=lambda *_: None)

    def layoutManager(self) -> LayoutManager:  # noqa: N802
        return self._layout

    def applicationLogic(self) -> Any:  # noqa: N802
        return self._logic

    def moduleManager(self) -> Any:  # noqa: N802
        return self._manager

    def testingEnabled(self) -> bool:  # noqa: N802
        return True

    def translate(self, context: str, text: str) -> str:
        return text


class Module:
    """ScriptedLoadableModule."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent


class ModuleWidget:
    """ScriptedLoadableModuleWidget inside the module panel."""

    def __init__(self, parent: Any = None) -> None:
        self.parent = parent or stand_ins.qMRMLWidget()
        if self.parent.layout() is None:
            in_dialect("QVBoxLayout")(self.parent).setContentsMargins(0, 0, 0, 0)
        self.layout = self.parent.layout()

    def setup(self) -> None:
        """Nothing: the developer's section is Slicer's own."""

    def resourcePath(self, name: str) -> str:  # noqa: N802
        return str(MODULES / "Resources" / name)


class ModuleLogic:
    """ScriptedLoadableModuleLogic."""


class ModuleTest(unittest.TestCase):
    """ScriptedLoadableModuleTest."""

    def delayDisplay(self, message: str) -> None:  # noqa: N802
        settle()


class _Failures(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.found = found

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


class Host:
    """Everything a test of the desktop needs."""

    def __init__(self, monkeypatch: Any, application: Any) -> None:
        scene, application_logic = application.scene, application.app_logic
        self.qapplication = QtWidgets.QApplication.instance() or QtWidgets.QApplication(
            ["panel", "-platform", "offscreen"]
        )
        self.patch, self.scene, self.dialogs = monkeypatch, scene, Dialogs()
        self.resources = MODULES / "Resources"
        self.errors: list[str] = []
        self.boxes: list[tuple[str, str]] = []
        self.failures: list[str] = []
        self.handler = _Failures(self.failures)
        logging.getLogger().addHandler(self.handler)
        self.questions: list[str] = []
        self.shown_modules: list[str] = []
        self.widgets: dict[str, Any] = {}
        self.confirms = True
        self.settings: dict[str, Any] = {}
        dialect.Loader.stand_ins = stand_ins.WIDGETS
        self.qt = dialect.make_qt(self.dialogs)
        self.qt.QSettings.values = self.settings
        self.segmentations_logic = application.segmentations_logic
        self.main_window = in_dialect("QMainWindow")()
        self.app = Application(scene, application_logic)
        _KEPT.extend([self.app, scene, application_logic, self.app.layoutManager().widgets])
        self._install()

    def _install(self) -> None:
        patch = self.patch
        # What fails in a slot only reaches the hook, what fails in an observer only the log.
        patch.setattr(
            sys,
            "excepthook",
            lambda *error: self.failures.append("".join(format_exception(*error))),
        )
        ctk = ModuleType("ctk")
        translation, scripted = (
            ModuleType("slicer.i18n"),
            ModuleType("slicer.ScriptedLoadableModule"),
        )
        translation.__dict__.update(tr=lambda text: text, translate=lambda context, text: text)
        scripted.__dict__.update(
            ScriptedLoadableModule=Module,
            ScriptedLoadableModuleWidget=ModuleWidget,
            ScriptedLoadableModuleLogic=ModuleLogic,
            ScriptedLoadableModuleTest=ModuleTest,
        )
        modules = {"qt": self.qt, "ctk": ctk, translation.__name__: translation}
        for name, module in {**modules, scripted.__name__: scripted}.items():
            patch.setitem(sys.modules, name, module)
            if name.startswith("slicer."):
                patch.setattr(slicer, name.split(".")[1], module, raising=False)
        patch.setattr(slicer, "app", self.app, raising=False)
        patch.setattr(slicer, "mrmlScene", self.scene, raising=False)
        logic = self.segmentations_logic
        modules_of_slicer = SimpleNamespace(segmentations=SimpleNamespace(logic=lambda: logic))
        patch.setattr(slicer, "modules", modules_of_slicer, raising=False)
        patch.setattr(slicer.util, "mainWindow", lambda: self.main_window)
        patch.setattr(slicer.util, "selectModule", self._select_module, raising=False)
        patch.setattr(slicer.util, "reloadScriptedModule", self._reload, raising=False)
        patch.setattr(slicer.util, "getModuleWidget", self._module_widget, raising=False)
        patch.setattr(slicer.util, "errorDisplay", self.errors.append)
        patch.setattr(slicer.util, "messageBox", self._box)
        patch.setattr(slicer.util, "confirmOkCancelDisplay", self._confirm)
        patch.setattr(slicer.util, "confirmYesNoDisplay", self._confirm)
        patch.syspath_prepend(str(MODULES))
        for name, cls in stand_ins.WIDGETS.items():
            target = ctk if name.startswith("ctk") else slicer
            patch.setattr(target, name, cls, raising=False)

    def _excepthook(self, *error: Any) -> None:
        self.failures.append("".join(format_exception(*error)))

    def _module_widget(self, name: str) -> Any:
        """The widget that a test put into ``widgets``; Slicer makes it when the module is shown."""
        assert name in self.shown_modules, "select the module first"
        return self.widgets[name]

    def _select_module(self, name: str) -> None:
        before = self.shown_modules[-1:]
        self.shown_modules.append(name)
        for left in before:
            if left != name and left in self.widgets:
                self._turn(left, entered=False)
        if before != [name] and name in self.widgets:
            self._turn(name, entered=True)

    def _turn(self, name: str, *, entered: bool) -> None:
        widget = self.widgets[name]
        widget.parent.isEntered = entered
        (widget.enter if entered else widget.exit)()

    def _reload(self, name: str) -> None:
        """As in Slicer, nobody enters the new widget of a module that is shown."""
        self.widgets[name].cleanup()
        self.widgets[name].setup()

    def _box(self, text: str, detailedText: str = "") -> None:
        self.boxes.append((text, detailedText))

    def _confirm(self, text: str, *_ignored: Any, **_also: Any) -> bool:
        self.questions.append(text)
        return self.confirms

    def load(self, name: str) -> Any:
        """Import one of the product's modules afresh, with the stand-ins in place."""
        return importlib.import_module(name)

    def slice_widget(self, name: str = "Red") -> SliceWidget:
        return self.app.layoutManager().sliceWidget(name)

    def close(self) -> None:
        """Forget the product's modules that know the stand-ins."""
        settle()
        logging.getLogger().removeHandler(self.handler)
        for name in [n for n in sys.modules if n in OURS or n.startswith(DESKTOP)]:
            del sys.modules[name]
        package = sys.modules.get("S2VNetSlicerLib")
        if hasattr(package, "desktop"):
            del package.desktop
