"""PythonQt's dialect on PySide6: a stand-in for the module ``qt`` of the Slicer application.

As in PythonQt a Qt property is an attribute, so that ``label.text()`` fails and
``label.text = "x"`` sets it, and signals are connected by their C++ signature, which is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from types import ModuleType
from typing import Any, ClassVar
from xml.etree import ElementTree

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

NAMESPACES = (QtCore, QtGui, QtWidgets)


@cache
def properties(cls: type) -> frozenset[str]:
    meta = cls.staticMetaObject
    names = {meta.property(n).name() for n in range(meta.propertyCount())}
    if issubclass(cls, QtWidgets.QProgressBar):  # virtual: PySide6 asks for it to read it
        names.discard("text")
    return frozenset(names)


class Dialect:
    """Mixed into every QObject class of the stand-in."""

    SIGNATURES: frozenset[str] = frozenset()
    """Signals of the stand-ins whose arguments only C++ can name."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            if name in properties(type(self)):
                return QtCore.QObject.property(self, name)
            if name == "name":
                return QtCore.QObject.property(self, "objectName")
            if name in ("connect", "disconnect"):  # PySide6 looks past this class for them
                return Dialect.__dict__[name].__get__(self)
        return super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in properties(type(self)):
            QtCore.QObject.setProperty(self, name, value)
        else:
            super().__setattr__(name, value)

    def connect(self, signature: str, slot: Any) -> None:
        """``clicked()`` passes nothing on, ``clicked(bool)`` the argument."""
        signal, arguments = self._signal(signature)
        given = slot if arguments else lambda *_ignored: slot()
        self.__dict__.setdefault("_connected", {})[signature, slot] = given
        signal.connect(given)

    def disconnect(self, signature: str, slot: Any) -> None:
        signal, _arguments = self._signal(signature)
        signal.disconnect(self.__dict__["_connected"].pop((signature, slot)))

    def _signal(self, signature: str) -> tuple[Any, str]:
        parts = re.fullmatch(r"(\w+)\((.*)\)", signature)
        assert parts is not None, signature
        meta = QtCore.QObject.metaObject(self)
        normal = bytes(QtCore.QMetaObject.normalizedSignature(signature).data()).decode()
        if signature not in type(self).SIGNATURES and meta.indexOfSignal(normal) < 0:
            raise ValueError(f"{type(self).__name__} has no signal {signature}")
        return super().__getattribute__(parts[1]), parts[2]

    def className(self) -> str:  # noqa: N802
        return QtCore.QObject.metaObject(self).className()


@cache
def in_dialect(name: str) -> Any:
    """A name of Qt; in the dialect where it is the class of a QObject."""
    for namespace in NAMESPACES:
        if hasattr(namespace, name):
            found = getattr(namespace, name)
            is_object = isinstance(found, type) and issubclass(found, QtCore.QObject)
            return type(name, (Dialect, found), {}) if is_object else found
    raise AttributeError(f"module 'qt' has no attribute {name!r}")


def scene_connections(ui: ElementTree.Element) -> Iterator[str]:
    """The widgets that a .ui file gives the top widget's scene."""
    for connection in ui.iter("connection"):
        if connection.findtext("signal") == "mrmlSceneChanged(vtkMRMLScene*)":
            assert connection.findtext("slot") == "setMRMLScene(vtkMRMLScene*)"
            yield connection.findtext("receiver") or ""


class Loader(QtUiTools.QUiLoader):
    """Makes every widget of a .ui file in the dialect, those of MRML and CTK from ``stand_ins``."""

    stand_ins: ClassVar[dict[str, type]] = {}

    def createWidget(self, class_name: str, parent: Any = None, name: str = "") -> Any:  # noqa: N802
        cls = self.stand_ins.get(class_name) or in_dialect(class_name)
        widget = cls(parent)
        widget.setObjectName(name)
        return widget

    def load(self, device: Any, parent: Any = None) -> Any:
        ui = ElementTree.fromstring(bytes(device.readAll().data()))
        receivers = list(scene_connections(ui))
        for connections in ui.findall("connections"):
            ui.remove(connections)  # C++ does not see the stand-ins' signals
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(ui))
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        widget = super().load(buffer, parent)
        widget.scene_receivers = [widget.findChild(QtWidgets.QWidget, n) for n in receivers]
        return widget


class Dialogs:
    """Answers to modal dialogs, by name; what is not answered was cancelled."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []

    def ask(self, name: str, default: Any) -> Any:
        self.asked.append(name)
        return self.answers.get(name, default)


def make_qt(dialogs: Dialogs) -> ModuleType:
    """The module ``qt``. Dialogs are answered from ``dialogs`` and never open."""

    class QFileDialog:
        """PythonQt returns the path alone."""

        @staticmethod
        def getSaveFileName(*_ignored: Any) -> str:  # noqa: N802
            return dialogs.ask("getSaveFileName", "")

        @staticmethod
        def getOpenFileName(*_ignored: Any) -> str:  # noqa: N802
            return dialogs.ask("getOpenFileName", "")

        @staticmethod
        def getExistingDirectory(*_ignored: Any) -> str:  # noqa: N802
            return dialogs.ask("getExistingDirectory", "")

    class QColorDialog:
        @staticmethod
        def getColor(*_ignored: Any) -> Any:  # noqa: N802
            return dialogs.ask("getColor", QtGui.QColor())

    class QDialog(in_dialect("QDialog")):  # type: ignore[misc]
        """Shown, then handed to the answer, a function that does what the user does."""

        def exec_(self) -> int:
            self.show()
            dialogs.ask("exec_", lambda dialog: dialog.reject())(self)
            return self.result()

    class QSettings:
        """In memory."""

        values: ClassVar[dict[str, Any]] = {}

        def value(self, key: str) -> Any:
            return self.values.get(key)

        def contains(self, key: str) -> bool:
            return key in self.values

        def setValue(self, key: str, value: Any) -> None:  # noqa: N802
            self.values[key] = value

        def sync(self) -> None:
            """It is in memory."""

    module = ModuleType("qt")
    module.__dict__.update(
        QUiLoader=Loader,
        QFileDialog=QFileDialog,
        QColorDialog=QColorDialog,
        QDialog=QDialog,
        QSettings=QSettings,
    )
    module.__getattr__ = in_dialect  # type: ignore[method-assign]
    return module


def settle() -> None:
    """Let posted events happen, also deletions."""
    with suppress(RuntimeError):
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    QtWidgets.QApplication.processEvents()
