"""What the files of the library have in common: who may write, and why one cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from ..errors import UserError, cause_of
from ..texts import texts
from ..volumes.writing import alone

_ = texts(__name__)

LOCK = ".lock"
PATIENCE = 10.0
"""Seconds to wait for another program that writes into the library."""


class DamagedError(UserError):
    """A file is there and can be read, but does not hold what it should."""


class NewerError(ValueError):
    """A file is of a format that only a newer version knows."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else changes the library ``folder``, which is made; the holder may ask again.

    Panel, page and command line share it. Raises UserError when somebody else does not let go of
    it, or it cannot be written to.
    """
    from filelock import FileLock

    busy = _("Another program is changing the library {folder}: try again when it has ended.")
    failed = _("The library {folder} cannot be changed")
    lock = FileLock(folder / LOCK, timeout=PATIENCE, is_singleton=True)
    with alone(lock, busy.format(folder=folder), failed.format(folder=folder)):
        yield


@contextmanager
def reading(what: str, file: Path) -> Iterator[None]:
    """Tell why ``what``, which ``file`` holds, cannot be read: an OSError is no damage."""
    try:
        with file.open("rb") as opened:  # safetensors does not tell one from the other
            opened.read(1)
        yield
    except OSError as error:
        raise UserError("{thing} cannot be read", error, thing=what) from error
    except (KeyError, TypeError, ValueError, AttributeError, SafetensorError) as error:
        if isinstance(error, NewerError):
            raise UserError("{thing} cannot be read", str(error), thing=what) from error
        raise DamagedError("{thing} is damaged", cause_of(error), thing=what) from error


def check_format(found: str | None, known: str) -> None:
    """Raise UserError for a newer version of ``known`` (NAME-NUMBER), ValueError for another."""
    name, _dash, number = known.rpartition("-")
    its_name, _dash, its_number = (found or "").rpartition("-")
    if its_name == name and its_number.isdigit() and int(its_number) > int(number):
        told = _("a newer version of this software wrote it ({found}): update this one")
        raise NewerError(told.format(found=found))
    if found != known:
        raise ValueError(f"its format is {found}, not {known}")
