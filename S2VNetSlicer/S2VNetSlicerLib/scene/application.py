"""Slicer's libraries without its application."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
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

    Keep it as long as its ``scene`` or any node of it is used: VTK aborts otherwise. Inside the Slicer application use ``slicer.mrmlScene``.
    """

    def __init__(self) -> None:
        require_slicer()
        from trame_slicer.core import SlicerApp

        self._application = SlicerApp()
        self.scene: Any = self._application.scene


def writing_scene() -> Any:
    """The scene through which files are written, one a process, empty between two files."""
    return _application().scene


@lru_cache(maxsize=1)
def _application() -> HeadlessApplication:
    return HeadlessApplication()
