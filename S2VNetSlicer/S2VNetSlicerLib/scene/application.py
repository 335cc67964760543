"""Slicer's libraries without its application."""

from __future__ import annotations

import importlib.util
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import UserError


def require_slicer() -> None:
    """Raise UserError where neither Slicer nor the slicer-core wheel is there."""
    if importlib.util.find_spec("slicer") is None:
        raise UserError(
            "Slicer's libraries are not installed: run pip install 's2vnet-slicer[scene]'."
        )


class HeadlessApplication:
    """A MRML scene with the module logics that segmentations need; no window, no rendering.

    Keep it as long as its ``scene`` or any node of it is used: VTK aborts otherwise. Inside the
    Slicer application use ``slicer.mrmlScene``.
    """

    def __init__(self) -> None:
        require_slicer()
        from trame_slicer.core import SlicerApp

        self._application = SlicerApp()
        end_in_order(self._application)
        self.scene: Any = self._application.scene


def end_in_order(application: Any) -> None:
    """Let the colour logics of a ``trame_slicer.core.SlicerApp`` leave its scene before they go.

    When Python ends, VTK deletes what is left in any order. A colour logic then takes its nodes
    out of the scene, whose views turn to an application logic that may be gone: a crash at exit.
    """
    logics = application.color_logic, application.app_logic.GetColorLogic()
    weakref.finalize(application, _leave_scene, *logics)


def _leave_scene(*logics: Any) -> None:
    for logic in logics:
        logic.SetMRMLScene(None)


def writing_scene() -> Any:
    """An empty scene of its own that reads and writes segmentations, also inside Slicer."""
    require_slicer()
    from slicer import vtkMRMLScene, vtkSlicerSegmentationsModuleLogic

    scene = vtkMRMLScene()
    vtkSlicerSegmentationsModuleLogic().SetMRMLScene(scene)  # registers the segmentation nodes
    return scene


@contextmanager
def quiet() -> Iterator[None]:
    """Keep VTK from printing: for calls whose result says whether they failed."""
    from vtkmodules.vtkCommonCore import vtkLogger, vtkOutputWindow

    window = vtkOutputWindow.GetInstance()
    mode, verbosity = window.GetDisplayMode(), vtkLogger.GetCurrentVerbosityCutoff()
    window.SetDisplayModeToNever()
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    try:
        yield
    finally:
        window.SetDisplayMode(mode)
        vtkLogger.SetStderrVerbosity(verbosity)
