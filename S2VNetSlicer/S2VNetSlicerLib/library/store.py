"""Learned classes on disk: one safetensors file each, never pickled, without image data.

The accepted slices that fine-tuning needs lie beside it in a file of their own, see ``cases``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from ..errors import UserError
from ..volumes.writing import atomic_write
from . import cases
from .learned import LearnedClass

FORMAT = "s2vnet-class-1"
SUFFIX = ".s2vclass.safetensors"


@dataclass(frozen=True)
class Listed:
    """A class of the library, as a list shows it."""

    name: str
    modality: str
    examples: int
    weights: str
    path: Path


def default_folder() -> Path:
    """S2VNET_LIBRARY, else the place where the platform keeps an application's data."""
    if chosen := os.environ.get("S2VNET_LIBRARY"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "S2VNetSlicer" / "library"


def path_of(name: str, folder: Path | None = None) -> Path:
    """The file of the class ``name``; UserError when it has no letter or digit."""
    plain = re.sub(r"[^\w-]+", "_", name.strip().lower()).strip("_")
    if not plain:
        raise UserError(f"A learned class needs a name with letters or digits, not {name!r}.")
    return (folder or default_folder()) / f"{plain[:80]}{SUFFIX}"


def save(learned: LearnedClass, folder: Path | None = None) -> Path:
    """Write ``learned``, replacing the class of that name; returns the file."""
    path = path_of(learned.name, folder)
    header = {"format": FORMAT, "class": json.dumps(learned.header())}
    arrays = {
        f"{n}.{name}": array
        for n, example in enumerate(learned.examples)
        for name, array in example.arrays().items()
    }
    _make_folder(path.parent)
    with atomic_write(path) as temporary:
        save_file(arrays, temporary, metadata=header)
    return path


def load(name: str, folder: Path | None = None) -> LearnedClass:
    """The class ``name``; UserError when it is not there, damaged or of another version."""
    path = path_of(name, folder)
    if not path.is_file():
        known = ", ".join(row.name for row in listed(folder)) or "none"
        raise UserError(f"There is no learned class {name}: the library knows {known}.")
    try:
        return LearnedClass.from_header(_header(path), load_file(path))
    except (KeyError, TypeError, ValueError, SafetensorError, OSError) as error:
        raise UserError(f"The learned class {path} is damaged: remove it, learn it again.") from (
            error
        )


def add(learned: LearnedClass, folder: Path | None = None) -> LearnedClass:
    """Store ``learned`` with the examples that its name already has; returns the whole.

    The cases of its examples are stored beside it.
    """
    path = path_of(learned.name, folder)
    if path.is_file():
        learned = load(learned.name, folder).with_example(learned)
    _make_folder(path.parent)
    cases.add(learned, path)
    save(learned, folder)
    return learned


def remove(name: str, folder: Path | None = None) -> None:
    """Forget the class ``name`` with its cases; UserError when it is not there."""
    path = path_of(name, folder)
    try:
        cases.path_of(path).unlink(missing_ok=True)
        path.unlink()
    except FileNotFoundError as error:
        raise UserError(f"There is no learned class {name}: nothing was removed.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be removed: check who may write there.") from error


def listed(folder: Path | None = None) -> tuple[Listed, ...]:
    """All readable classes of the library, by name."""
    folder = folder or default_folder()
    try:
        paths = [p for p in folder.iterdir() if p.name.endswith(SUFFIX) and p.name[0] != "."]
        rows = [_listed(path, path.stat().st_mtime_ns) for path in paths]
    except OSError:
        return ()
    return tuple(sorted((row for row in rows if row), key=lambda row: row.name.lower()))


def split(
    names: Sequence[str], predefined: Sequence[str], folder: Path | None = None
) -> list[LearnedClass | int]:
    """For each of ``names`` the index of the predefined class, else the learned class.

    UserError for a name that is neither.
    """
    found: list[LearnedClass | int] = []
    for name in names:
        if name in predefined:
            found.append(list(predefined).index(name))
        elif path_of(name, folder).is_file():
            found.append(load(name, folder))
        else:
            learned = ", ".join(row.name for row in listed(folder)) or "none"
            raise UserError(
                f"There is no class {name}: the weights know {', '.join(predefined) or 'none'}, "
                f"the library {learned}."
            )
    return found


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be made: choose another one.") from error


@lru_cache(maxsize=256)
def _listed(path: Path, _modified: int) -> Listed | None:
    try:
        found = _header(path)
        return Listed(
            str(found["name"]),
            str(found["modality"]),
            len(found["examples"]),
            str(found["weights"]),
            path,
        )
    except (KeyError, TypeError, ValueError, SafetensorError, OSError):
        return None


def _header(path: Path) -> dict[str, Any]:
    with safe_open(path, "np") as file:
        metadata = file.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise ValueError(f"format {metadata.get('format')}")
    found = json.loads(metadata["class"])
    if not isinstance(found, dict):
        raise TypeError("no class")
    return found
