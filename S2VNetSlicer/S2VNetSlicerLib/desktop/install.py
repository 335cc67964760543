"""What the network needs in Slicer's Python, and how it gets there: only when the user says so."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ..errors import UserError

TORCH = ">=2.6"
EXTENSION, UTILITIES = "PyTorch", "PyTorchUtils"
"""The extension, and its module."""
PENDING = "S2VNetSlicer/install"
"""The setting that an installation is to go on after a restart."""
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
    """Install what is missing, after asking once; False when the user declines or restarts first.

    Where the PyTorch extension is missing, too, it comes from the Extensions Manager, and the rest
    after a restart of Slicer: see :func:`interrupted`. Raises UserError when an installation fails.
    """
    absent = missing()
    if not absent:
        return True
    ask = confirm or slicer.util.confirmOkCancelDisplay
    extension = "torch" not in absent or importlib.util.find_spec(UTILITIES) is not None
    question = _(
        "S2VNet needs {packages} in Slicer's Python. PyTorch is a download of {size} and takes "
        "some minutes, the rest is small. Install now?"
    ).format(packages=", ".join(absent), size=SIZE)
    if not extension:
        question += "\n\n" + _(
            "The PyTorch extension comes first, from the Extensions Manager; Slicer then has to be "
            "restarted."
        )
    if not ask(question):
        return False
    if not extension:
        _install_extension()
        _restart(ask)
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


def interrupted() -> bool:
    """Whether an installation waits for the restart that has just been; says so once."""
    waits = slicer.util.settingsValue(PENDING, False, slicer.util.toBool)
    if not waits or importlib.util.find_spec(UTILITIES) is None:
        return False
    _remember(False)
    return bool(missing())


def _remember(waits: bool) -> None:
    settings = qt.QSettings()
    settings.setValue(PENDING, waits)
    settings.sync()


def _install_extension() -> None:
    """Let the Extensions Manager install the PyTorch extension. Raises UserError."""
    manager = getattr(slicer.app, "extensionsManagerModel", lambda: None)()
    if manager is None:
        raise UserError(
            _("The PyTorch extension is missing: install it in the Extensions Manager and restart.")
        )
    asks, manager.interactive = manager.interactive, False  # the user has been asked
    try:
        done = manager.installExtensionFromServer(EXTENSION, False)
    finally:
        manager.interactive = asks
    if not done:
        raise UserError(
            _(
                "The PyTorch extension could not be installed: Slicer's error log says why. "
                "Install it in the Extensions Manager and restart."
            )
        )


def _restart(ask: Callable[[str], bool]) -> None:
    """Restart when the user wants to; nothing that is not saved is lost by it."""
    _remember(True)
    question = _(
        "The PyTorch extension is installed. Once Slicer is restarted, the installation goes on by "
        "itself. Restart now?"
    )
    scene = slicer.mrmlScene
    unsaved = scene.GetStorableNodesModifiedSinceRead() or scene.GetModifiedSinceRead()
    if ask(question) and (not unsaved or slicer.util.openSaveDataDialog()):
        slicer.util.restart()


def _torch_logic() -> Any:
    return importlib.import_module(UTILITIES).PyTorchUtilsLogic()


def _install_requirements() -> None:
    try:
        packaging = importlib.import_module("slicer.packaging")
    except ModuleNotFoundError:  # Slicer before 5.11
        slicer.util.pip_install(" ".join(requirements()))
        return
    packaging.pip_ensure(
        packaging.load_requirements(REQUIREMENTS), prompt_install=False, requester="S2VNetSlicer"
    )
