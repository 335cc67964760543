"""The scripted-effect API of the Segment Editor, on Slicer's own editor logic."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import slicer
from dialect import in_dialect


class AbstractEffect:
    """AbstractScriptedSegmentEditorEffect."""

    def __init__(self, scriptedEffect: Any) -> None:
        self.scriptedEffect = scriptedEffect


class ScriptedEffect:
    """A qSlicerSegmentEditorScriptedEffect; masks, editable area and undo are the real logic's."""

    name = title = "unnamed"
    perSegment = requireSegments = True  # noqa: N815

    def __init__(self, scene: Any, volume: Any, segmentation: Any, segment: str) -> None:
        self.parameters = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.logic = slicer.vtkSlicerSegmentEditorLogic()
        self.logic.SetMRMLScene(scene)
        self.logic.SetSegmentEditorNode(self.parameters)
        self.logic.SetSegmentationNode(segmentation)
        self.logic.SetSourceVolumeNode(volume)
        self.logic.SetCurrentSegmentID(segment)
        self.options: list[Any] = []
        self.confirmed = True
        self._values: dict[str, Any] = {}

    def parameterSetNode(self) -> Any:  # noqa: N802
        return self.parameters

    def addOptionsWidget(self, widget: Any) -> None:  # noqa: N802
        self.options.append(widget)

    def addLabeledOptionsWidget(self, label: str, widget: Any) -> None:  # noqa: N802
        self.options.append(widget)

    def setParameter(self, name: str, value: Any) -> None:  # noqa: N802
        self._values[name] = value

    def setParameterDefault(self, name: str, value: Any) -> None:  # noqa: N802
        self._values.setdefault(name, value)

    def doubleParameter(self, name: str) -> float:  # noqa: N802
        return float(self._values[name])

    def integerParameter(self, name: str) -> int:  # noqa: N802
        return int(self._values[name])

    def confirmCurrentSegmentVisible(self) -> int:  # noqa: N802
        return int(self.confirmed)

    def saveStateForUndo(self) -> None:  # noqa: N802
        self.logic.SaveStateForUndo()

    def defaultModifierLabelmap(self) -> Any:  # noqa: N802
        assert self.logic.ResetModifierLabelmapToDefault()
        return self.logic.GetModifierLabelmap()

    def modifySegmentByLabelmap(  # noqa: N802
        self, segmentation: Any, segment: str, labelmap: Any, mode: Any
    ) -> None:
        arguments = (segmentation, segment, labelmap, mode, self.perSegment, False)
        self.logic.ModifySegmentByLabelmap(*arguments)


def install(monkeypatch: Any) -> list[Any]:
    """Put the editor's Python modules in place; returns the list of registered effects."""
    registered: list[Any] = []
    effects, native = ModuleType("SegmentEditorEffects"), ModuleType("native")
    effects.AbstractScriptedSegmentEditorEffect = AbstractEffect

    class Native:
        """What C++ makes of a source: the folder is the module, the file is the class."""

        def __init__(self, parent: Any) -> None:
            self.name = self.title = ""

        def setPythonSource(self, path: str) -> None:  # noqa: N802
            import importlib.util

            spec = importlib.util.spec_from_file_location(path.split("/")[-2], path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self.slice_status = getattr(module, path.split("/")[-1].removesuffix(".py"))(self)
            self.slice_status.register = lambda: registered.append(self)

        def self(self) -> Any:
            return self.slice_status

    native.qSlicerSegmentEditorScriptedEffect = Native
    monkeypatch.setitem(sys.modules, effects.__name__, effects)
    monkeypatch.setitem(sys.modules, "qSlicerSegmentationsEditorEffectsPythonQt", native)
    modes = SimpleNamespace(
        ModificationModeSet=slicer.vtkSlicerSegmentEditorLogic.ModificationModeSet
    )
    monkeypatch.setattr(slicer, "qSlicerSegmentEditorAbstractEffect", modes, raising=False)
    return registered


def buttons(effect: ScriptedEffect) -> list[str]:
    """The texts of the push buttons among the options."""
    rows = [row for row in effect.options if hasattr(row, "itemAt")]
    widgets = [row.itemAt(n).widget() for row in rows for n in range(row.count())]
    return [w.text for w in widgets if isinstance(w, in_dialect("QPushButton"))]


class EditorWidget:
    """A qMRMLSegmentEditorWidget with one effect, ``make(scripted)``."""

    def __init__(self, scene: Any, make: Any) -> None:
        self._scene, self._make, self._chosen = scene, make, [None, None, ""]
        self._effect: Any = None
        self.editor, self.parent = self, SimpleNamespace()  # as the module's widget has them

    def setSegmentationNode(self, node: Any) -> None:  # noqa: N802
        self._chosen[1] = node

    def setSourceVolumeNode(self, node: Any) -> None:  # noqa: N802
        self._chosen[0] = node

    def setCurrentSegmentID(self, id: str) -> None:  # noqa: N802
        self._chosen[2] = id

    def setActiveEffectByName(self, name: str) -> None:  # noqa: N802
        if self._effect is not None:
            self._effect.cleanup()
        self._effect = None
        if name:
            self._scripted = ScriptedEffect(self._scene, *self._chosen)
            self._effect = self._make(self._scripted)
            self._effect.setMRMLDefaults()
            self._effect.setupOptionsFrame()
            self._effect.updateGUIFromMRML()
            self._effect.activate()

    def activeEffect(self) -> Any:  # noqa: N802
        return SimpleNamespace(self=lambda: self._effect)

    def undo(self) -> None:
        self._scripted.logic.Undo()

    def enter(self) -> None:
        """Nothing of it is tested."""

    exit = enter
