"""Learned classes on disk: one safetensors file each, never pickled, without image data.

The accepted slices that fine-tuning needs lie beside it in a file of their own, see ``cases``.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.numpy import load_file
from safetensors.numpy import save as serialised

from ..errors import UserError
from ..texts import texts
from ..volumes.writing import atomic_write
from . import cases
from .files import check_format, locked, reading
from .learned import LearnedClass

_ = texts(__name__)
_CLASS = _("The learned class {path}")

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
        raise UserError(
            "A learned class needs a name with letters or digits, not {name!r}.", name=name
        )
    return (folder or default_folder()) / f"{plain[:80]}{SUFFIX}"


def save(learned: LearnedClass, folder: Path | None = None) -> Path:
    """Write ``learned``, replacing the class of that name; returns the file."""
    path = path_of(learned.name, folder)
    with locked(path.parent):
        _save(learned, path)
    return path


def _save(learned: LearnedClass, path: Path) -> None:
    header = {"format": FORMAT, "class": json.dumps(learned.header())}
    arrays = {
        f"{n}.{name}": array
        for n, example in enumerate(learned.examples)
        for name, array in example.arrays().items()
    }
    with atomic_write(path) as temporary:
        temporary.write_bytes(serialised(arrays, metadata=header))


def load(name: str, folder: Path | None = None) -> LearnedClass:
    """The class ``name``; UserError when it is not there, damaged, or of a newer version."""
    path = path_of(name, folder)
    if not os.path.lexists(path):
        known = ", ".join(row.name for row in listed(folder)) or "none"
        raise UserError(
            "There is no learned class {name}: the library knows {known}.", name=name, known=known
        )
    with reading(_CLASS.format(path=path), path):
        return LearnedClass.from_header(_header(path), load_file(path))


def add(learned: LearnedClass, folder: Path | None = None) -> LearnedClass:
    """Store ``learned`` with the examples that its name already has; returns the whole.

    The cases of its examples are stored beside it. UserError when what is there cannot be read;
    nothing is changed then.
    """
    path = path_of(learned.name, folder)
    with locked(path.parent):
        if os.path.lexists(path):
            learned = load(learned.name, folder).with_example(learned)
        cases.add(learned, path)
        _save(learned, path)
    return learned


def remove(name: str, folder: Path | None = None) -> None:
    """Forget the class ``name`` with its cases; UserError when it is not there."""
    path = path_of(name, folder)
    if not os.path.lexists(path):
        raise UserError("There is no learned class {name}: nothing was removed.", name=name)
    with locked(path.parent):
        try:
            path.unlink()
            cases.path_of(path).unlink(missing_ok=True)
        except OSError as error:
            raise UserError("{path} cannot be removed", error, path=path) from error


def listed(folder: Path | None = None) -> tuple[Listed, ...]:
    """All classes of the library that can be read, by name; UserError when the folder cannot."""
    return look(folder)[0]


def look(folder: Path | None = None) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """:func:`listed`, and a sentence for each class that cannot be read."""
    folder = folder or default_folder()
    try:
        paths = [p for p in folder.iterdir() if p.name.endswith(SUFFIX) and p.name[0] != "."]
    except FileNotFoundError as error:  # nothing was learned yet
        logging.getLogger(__name__).debug("There is no library: %s", error)
        return (), ()
    except OSError as error:
        raise UserError("The library {folder} cannot be read", error, folder=folder) from error
    rows, problems = [], []
    for path in sorted(paths):
        try:
            rows.append(_listed(path, path.stat().st_mtime_ns))
        except (UserError, OSError) as error:
            problems.append(str(error))
    return tuple(sorted(rows, key=lambda row: row.name.lower())), tuple(problems)


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
        elif os.path.lexists(path_of(name, folder)):
            found.append(load(name, folder))
        else:
            learned = ", ".join(row.name for row in listed(folder)) or "none"
            raise UserError(
                "There is no class {name}: the weights know {listed}, the library {learned}.",
                name=name,
                listed=", ".join(predefined) or _("none"),
                learned=learned,
            )
    return found


@lru_cache(maxsize=256)
def _listed(path: Path, _modified: int) -> Listed:
    with reading(_CLASS.format(path=path), path):
        found = _header(path)
        return Listed(
            str(found["name"]),
            str(found["modality"]),
            len(found["examples"]),
            str(found["weights"]),
            path,
        )


def _header(path: Path) -> dict[str, Any]:
    with safe_open(path, "np") as file:
        metadata = file.metadata() or {}
    check_format(metadata.get("format"), FORMAT)
    found = json.loads(metadata["class"])
    if not isinstance(found, dict):
        raise TypeError("no class")
    return found
