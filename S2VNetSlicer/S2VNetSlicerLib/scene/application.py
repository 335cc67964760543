"""Slicer's libraries without its application."""

from __future__ import annotations

import importlib.util
import logging
import re
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import UserError

_log = logging.getLogger(__name__)


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
def vtk_errors() -> Iterator[list[str]]:
    """Collect what VTK and MRML report in the block, the first and deepest cause first.

    They go into the log instead of the terminal: the caller tells the user what failed. Slicer's
    readers and writers return only whether they succeeded.
    """
    from vtkmodules.vtkCommonCore import vtkCommand, vtkLogger, vtkOutputWindow

    said: list[str] = []

    def note(_window: Any, _event: str, text: str) -> None:
        said.append(plain_message(text))
        _log.info("VTK: %s", said[-1])

    note.CallDataType = "string0"  # type: ignore[attr-defined]  # how VTK is told to pass the text
    window = vtkOutputWindow.GetInstance()
    mode, verbosity = window.GetDisplayMode(), vtkLogger.GetCurrentVerbosityCutoff()
    observer = window.AddObserver(vtkCommand.ErrorEvent, note)
    window.SetDisplayModeToNever()
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    try:
        yield said
    finally:
        window.RemoveObserver(observer)
        window.SetDisplayMode(mode)
        vtkLogger.SetStderrVerbosity(verbosity)


def storage_errors(storage: Any) -> list[str]:
    """What a storage node says of its last reading or writing, the deepest cause first."""
    messages = storage.GetUserMessages()
    return [
        plain_message(messages.GetNthMessageText(n)) for n in range(messages.GetNumberOfMessages())
    ]


def plain_message(text: str) -> str:
    """A message of VTK on one line, without source lines and addresses."""
    text = re.sub(r"^ERROR: In \S+, line \d+\s*", "", text.strip())
    return " ".join(re.sub(r"\w+ \(0x[0-9a-f]+\): ", "", text).split())
