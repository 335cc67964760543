"""What must be installed before a window is drawn; VTK ends the process otherwise."""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Sequence

from ..errors import UserError
from ..scene.application import require_slicer

LIBRARIES = ("libEGL.so.1", "libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so")


def require_graphics(libraries: Sequence[str] = LIBRARIES) -> None:
    """Raise UserError where a server without a display could not render."""
    import sys

    if not sys.platform.startswith("linux"):
        return
    causes = []
    for library in libraries:
        try:
            ctypes.CDLL(library)
        except OSError as error:
            causes.append(str(error))
            continue
        return
    raise UserError(
        f"No OpenGL library for rendering without a display was found ({causes[0]}): run "
        "apt install libegl1 libegl-mesa0 libgl1-mesa-dri, or apt install libosmesa6."
    )


def require_browser() -> None:
    """Raise UserError where something that serves pages is missing."""
    require_slicer()
    for package in ("trame_slicer", "trame_vuetify", "trame_rca"):
        if importlib.util.find_spec(package) is None:
            raise UserError(f"{package} is not installed: run pip install 's2vnet-slicer[scene]'.")
    require_graphics()
