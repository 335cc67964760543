"""What the network needs in Slicer's Python, and how it gets there: only when the user says so."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..errors import UserError

TORCH = ">=2.6"
NEEDED = ("torch", "safetensors", "pydantic", "highdicom", "nibabel", "pydicom")
REQUIREMENTS = Path(__file__).resolve().parents[2] / "Resources" / "requirements.txt"
SIZE = _("0.2 to 3 GB")
"""Of PyTorch's download: processor only, or with CUDA."""


def missing() -> list[str]:
    """The packages that are not there; nothing is imported to find out."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def requirements(path: Path = REQUIREMENTS) -> list[str]:
    """The lines of ``requirements.txt``; PyTorch is not among them, its extension installs it."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def install(confirm: Callable[[str], bool] | None = None) -> bool:
    """Install what is missing, after asking once; False when the user declines.

    Raises UserError when the PyTorch extension is missing or an installation fails.
    """
    absent = missing()
    if not absent:
        return True
    question = _(
        "S2VNet needs {packages} in Slicer's Python. PyTorch is a download of {size} and takes "
        "some minutes, the rest is small. Install now?"
    ).format(packages=", ".join(absent), size=SIZE)
    if not (confirm or slicer.util.confirmOkCancelDisplay)(question):
        return False
    torch_logic = _torch_logic() if "torch" in absent else None
    try:
        if absent != ["torch"]:
            _install_requirements()
        done = torch_logic is None or (
            torch_logic.installTorch(askConfirmation=False, torchVersionRequirement=TORCH)
            is not None
        )
    except Exception as error:  # pip's failures come as several types
        raise UserError(
            _("The installation failed ({error}): see the Python console, then try again.").format(
                error=error
            )
        ) from error
    importlib.invalidate_caches()
    if not done or missing():
        raise UserError(
            _("PyTorch was not installed: see the Python console, then try again or restart.")
        )
    return True


def _torch_logic() -> Any:
    if importlib.util.find_spec("PyTorchUtils") is None:
        raise UserError(
            _("The PyTorch extension is missing: install it in the Extensions Manager and restart.")
        )
    return importlib.import_module("PyTorchUtils").PyTorchUtilsLogic()


def _install_requirements() -> None:
    try:
        packaging = importlib.import_module("slicer.packaging")
    except ModuleNotFoundError:  # Slicer before 5.11
        slicer.util.pip_install(" ".join(requirements()))
        return
    packaging.pip_ensure(
        packaging.load_requirements(REQUIREMENTS), prompt_install=False, requester="S2VNetSlicer"
    )
