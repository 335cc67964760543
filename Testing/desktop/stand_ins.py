"""The widgets of MRML and CTK that the panel uses, as far as it uses them."""

from __future__ import annotations

from typing import Any

import slicer
from dialect import Dialect, in_dialect
from PySide6 import QtCore, QtGui, QtWidgets

QWidget, QComboBox = in_dialect("QWidget"), in_dialect("QComboBox")
QDoubleSpinBox, QSlider = in_dialect("QDoubleSpinBox"), in_dialect("QSlider")


class qMRMLWidget(QWidget):  # type: ignore[misc]  # noqa: N801
    """Hands its scene to what the .ui file connects to ``mrmlSceneChanged``."""

    def setMRMLScene(self, scene: Any) -> None:  # noqa: N802
        for receiver in getattr(self, "scene_receivers", []):
            receiver.setMRMLScene(scene)


class VTKWidget(QWidget):  # type: ignore[misc]
    """Hands the mouse to a VTK interactor, as a view's QVTKOpenGLNativeWidget does."""

    def __init__(self, interactor: Any) -> None:
        super().__init__()
        self._interactor = interactor
        self.resize(*interactor.GetRenderWindow().GetSize())
        self.setMouseTracking(True)

    def _pass_on(self, event: Any, name: str) -> None:
        keys = QtCore.Qt.KeyboardModifier.ControlModifier, QtCore.Qt.KeyboardModifier.ShiftModifier
        ctrl, shift = (int(bool(event.modifiers() & key)) for key in keys)
        x, y = int(event.position().x()), int(event.position().y())
        self._interactor.SetEventInformation(x, int(self.height) - 1 - y, ctrl, shift)
        self._interactor.InvokeEvent(name)

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802
        self._pass_on(event, "LeftButtonPressEvent")

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802
        self._pass_on(event, "MouseMoveEvent")

    def mouseReleaseEvent(self, event: Any) -> None:  # noqa: N802
        self._pass_on(event, "LeftButtonReleaseEvent")

    def wheelEvent(self, event: Any) -> None:  # noqa: N802
        way = "Forward" if event.angleDelta().y() > 0 else "Backward"
        self._pass_on(event, f"MouseWheel{way}Event")

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        self._interactor.SetKeySym(QtCore.Qt.Key(event.key()).name.removeprefix("Key_"))
        self._interactor.InvokeEvent("KeyPressEvent")


class _Filter:
    def __init__(self, box: qMRMLNodeComboBox) -> None:
        self.__dict__.update(_box=box, hiddenNodeIDs=[])

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = list(value)
        self._box.refresh()


class qMRMLNodeComboBox(QComboBox):  # type: ignore[misc]  # noqa: N801
    """Lists the nodes of ``nodeTypes``; keeps its choice, and says what a user chooses."""

    SIGNATURES = frozenset({"nodeActivated(vtkMRMLNode*)"})
    nodeActivated = QtCore.Signal(object)  # noqa: N815

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._filter = _Filter(self)
        self.activated.connect(lambda _index: self.nodeActivated.emit(self.currentNode()))

    def setMRMLScene(self, scene: Any) -> None:  # noqa: N802
        self._scene = scene
        for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndCloseEvent):
            scene.AddObserver(event, lambda *_ignored: self.refresh())
        self.refresh()

    def sortFilterProxyModel(self) -> _Filter:  # noqa: N802
        return self._filter

    def refresh(self) -> None:
        before = self.currentNodeID
        self.clear()
        if self.property("noneEnabled"):
            self.addItem(self.property("noneDisplay") or "None", "")
        for kind in self.property("nodeTypes") or ():
            for n in range(self._scene.GetNumberOfNodesByClass(kind)):
                node = self._scene.GetNthNodeByClass(n, kind)
                exact = (
                    node.IsA(kind)
                    if self.property("showChildNodeTypes") is None
                    else (node.GetClassName() == kind)
                )
                if exact and node.GetID() not in self._filter.hiddenNodeIDs:
                    self.addItem(node.GetName(), node.GetID())
        self.setCurrentIndex(max(0, self.findData(before)))

    def currentNode(self) -> Any:  # noqa: N802
        return self._scene.GetNodeByID(self.currentNodeID) if self.currentNodeID else None

    def choose(self, name: str) -> None:
        """As a user does."""
        index = self.findText(name)
        QtWidgets.QComboBox.setCurrentIndex(self, index)
        self.activated.emit(index)

    def _get(self) -> str:
        return self.itemData(QtWidgets.QComboBox.currentIndex(self)) or ""

    def _set(self, node_id: str) -> None:
        QtWidgets.QComboBox.setCurrentIndex(self, max(0, self.findData(node_id)))

    currentNodeID = QtCore.Property(str, _get, _set)  # noqa: N815


class ctkCollapsibleButton(QWidget):  # type: ignore[misc]  # noqa: N801
    """A bar with the title above its content."""

    HEIGHT = 22

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._text, self._collapsed = "", False
        self._hidden: list[Any] = []
        self.setContentsMargins(0, self.HEIGHT, 0, 0)

    def _get_text(self) -> str:
        return self._text

    def _set_text(self, text: str) -> None:
        self._text = text

    def _get_collapsed(self) -> bool:
        return self._collapsed

    def _set_collapsed(self, collapsed: bool) -> None:
        """As CTK's, it shows only what it hid."""
        self._collapsed = collapsed
        direct = QtCore.Qt.FindChildOption.FindDirectChildrenOnly
        for child in self.findChildren(QtWidgets.QWidget, options=direct):
            if collapsed and not child.isHidden():
                self._hidden.append(child)
                child.hide()
        if not collapsed:
            for child in self._hidden:
                child.show()
            self._hidden = []
        self.setMaximumHeight(self.HEIGHT if collapsed else 16777215)

    text = QtCore.Property(str, _get_text, _set_text)
    collapsed = QtCore.Property(bool, _get_collapsed, _set_collapsed)

    def showEvent(self, event: Any) -> None:  # noqa: N802
        self._set_collapsed(self._collapsed)

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802
        if event.position().y() < self.HEIGHT:
            self._set_collapsed(not self._collapsed)

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        painter = QtGui.QPainter(self)
        painter.setPen(QtGui.QColor(190, 190, 190))
        painter.drawRect(0, self.HEIGHT // 2, self.width - 1, self.height - self.HEIGHT // 2 - 1)
        painter.fillRect(0, 0, self.width, self.HEIGHT - 2, QtGui.QColor(222, 222, 222))
        painter.setPen(QtGui.QColor(30, 30, 30))
        arrow = "\u25b8" if self._collapsed else "\u25be"
        painter.drawText(6, 15, f"{arrow}  {self._text}")
        painter.end()


class ctkSliderWidget(QWidget):  # type: ignore[misc]  # noqa: N801
    """A slider in steps of 0.1 and a spin box."""

    valueChanged = QtCore.Signal(float)  # noqa: N815

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._slider, self._box = QSlider(QtCore.Qt.Orientation.Horizontal), QDoubleSpinBox()
        layout.addWidget(self._slider)
        layout.addWidget(self._box)
        self._slider.valueChanged.connect(lambda v: self._box.setValue(v / 10))
        self._box.valueChanged.connect(self._changed)

    def _changed(self, value: float) -> None:
        self._slider.setValue(round(value * 10))
        self.valueChanged.emit(value)

    def _of_box(name: str) -> Any:  # type: ignore[misc]  # noqa: N805
        return lambda self: QtCore.QObject.property(self._box, name)

    def _to_box(name: str) -> Any:  # type: ignore[misc]  # noqa: N805
        def write(self: Any, value: Any) -> None:
            self._box.setProperty(name, value)
            if name in ("minimum", "maximum"):
                self._slider.setProperty(name, round(value * 10))

        return write

    value = QtCore.Property(float, _of_box("value"), _to_box("value"))
    minimum = QtCore.Property(float, _of_box("minimum"), _to_box("minimum"))
    maximum = QtCore.Property(float, _of_box("maximum"), _to_box("maximum"))
    singleStep = QtCore.Property(float, _of_box("singleStep"), _to_box("singleStep"))  # noqa: N815
    decimals = QtCore.Property(int, _of_box("decimals"), _to_box("decimals"))
    suffix = QtCore.Property(str, _of_box("suffix"), _to_box("suffix"))


class qSlicerTerminologyNavigatorWidget(qMRMLWidget):  # type: ignore[misc]  # noqa: N801
    """Holds an entry; :meth:`pick` is the user's choice."""

    selectionValidityChanged, typeDoubleClicked = QtCore.Signal(bool), QtCore.Signal()  # noqa: N815
    _section = True

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._entry = slicer.vtkSlicerTerminologyEntry()

    def setTerminologyEntry(self, entry: Any) -> bool:  # noqa: N802
        self._entry.Copy(entry)
        self.selectionValidityChanged.emit(entry.IsValid())
        return entry.IsValid()

    def terminologyEntry(self, entry: Any) -> bool:  # noqa: N802
        entry.Copy(self._entry)
        return entry.IsValid()

    def pick(self, serialized: str) -> None:
        entry = slicer.vtkSlicerTerminologyEntry()
        assert slicer.vtkSlicerTerminologiesModuleLogic.DeserializeTerminologyEntry(
            serialized, entry
        )
        self.setTerminologyEntry(entry)

    def _get_section(self) -> bool:
        return self._section

    def _set_section(self, visible: bool) -> None:
        self.__dict__["_section"] = visible

    overrideSectionVisible = QtCore.Property(bool, _get_section, _set_section)  # noqa: N815


WIDGETS = {
    cls.__name__: cls
    for cls in (
        qMRMLWidget,
        qMRMLNodeComboBox,
        ctkCollapsibleButton,
        ctkSliderWidget,
        qSlicerTerminologyNavigatorWidget,
    )
}
assert all(issubclass(cls, Dialect) for cls in WIDGETS.values())
