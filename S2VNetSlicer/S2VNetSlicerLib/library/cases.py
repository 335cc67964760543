"""The accepted slices that a class was learned from, for fine-tuning; knows no torch.

They lie in the user's library folder beside the class, in a file of their own: the class itself
holds no image data and may be given away. Nothing but fine-tuning reads them; whoever removes the
file only gives up fine-tuning until the class is learned again.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file
from safetensors.numpy import save as serialised

from ..errors import UserError
from ..texts import texts
from ..volumes.writing import atomic_write
from .files import DamagedError, check_format, reading
from .learned import Case, LearnedClass

_ = texts(__name__)
_HOLDS = _("{file}, which holds the slices of a learned class,")

FORMAT = "s2vnet-cases-1"
SUFFIX = ".s2vcases.safetensors"
ARRAYS = ("image", "marks", "centres")


def path_of(learned: Path) -> Path:
    """The file of cases that belongs to the file of a class."""
    return learned.with_name(f"{learned.name.split('.')[0]}{SUFFIX}")


def add(learned: LearnedClass, path: Path) -> None:
    """Store the cases of ``learned``, whose file is ``path``: new ones and those already there.

    UserError, and nothing is changed, when those cannot be read now. A damaged file is kept under
    another name.
    """
    file = path_of(path)
    known: dict[str, Case] = {}
    if os.path.lexists(file):
        try:
            known = _load(file)
        except DamagedError as error:
            logging.getLogger(__name__).error("%s It is kept with the ending .damaged.", error)
            _set_aside(file)
    found = {
        example.key: case
        for example in learned.examples
        if (case := example.case or known.get(example.key)) is not None
    }
    volumes = json.dumps({key: case.volume for key, case in found.items()})
    arrays = {f"{key}.{name}": getattr(c, name) for key, c in found.items() for name in ARRAYS}
    with atomic_write(file) as temporary:
        # Not by save_file, whose errors do not say which one the system reported.
        temporary.write_bytes(serialised(arrays, metadata={"format": FORMAT, "volumes": volumes}))


def _set_aside(file: Path) -> None:
    names = (file.with_name(f"{file.name}.{n}.damaged") for n in range(1, 1000))
    try:
        file.replace(next(path for path in names if not path.exists()))
    except OSError as error:
        raise UserError("{file} is damaged and cannot be set aside", error, file=file) from error


def load(path: Path, name: str) -> dict[str, Case]:
    """The cases of the class ``name`` in the file ``path``, by the key of their example.

    UserError when they are missing or cannot be read.
    """
    file = path_of(path)
    if not os.path.lexists(file):
        raise UserError(
            "{name} cannot be fine-tuned, the slices it was learned from are not "
            "stored: learn it again in two volumes.",
            name=name,
        )
    return _load(file)


def _load(file: Path) -> dict[str, Case]:
    with reading(_HOLDS.format(file=file), file):
        with safe_open(file, "np") as opened:
            metadata = opened.metadata() or {}
        check_format(metadata.get("format"), FORMAT)
        arrays = load_file(file)
        found = {
            key: Case(str(volume), *(arrays[f"{key}.{name}"] for name in ARRAYS))
            for key, volume in json.loads(metadata["volumes"]).items()
        }
        for case in found.values():
            _check(case)
    return found


def _check(case: Case) -> None:
    image, marks = case.image, case.marks
    if image.dtype != np.uint8 or marks.dtype != np.uint8 or image.shape != marks.shape:
        raise ValueError("slices and masks do not fit")
    if image.ndim != 3 or any(n % 32 for n in image.shape[1:]) or case.centres.ndim != 4:
        raise ValueError("not on a work grid")
    if len(case.centres) != len(image) or not np.isfinite(case.centres).all():
        raise ValueError("centres and slices do not fit")
