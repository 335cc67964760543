"""Files that are either complete or not there."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk

from ..errors import UserError, cause_of
from .geometry import Geometry
from .nifti import Forms, write_nifti
from .reading import read_file

if TYPE_CHECKING:
    from filelock import FileLock

_log = logging.getLogger(__name__)

LABEL_MAP_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".mha")
_PLACE = 0.009
"""Largest displacement in what is written, in voxels: a hundredth with what readers round."""
_FORMATS = (".seg.nrrd", *LABEL_MAP_SUFFIXES, ".mrb", ".dcm", ".json", ".csv")
"""Suffixes that decide on a format; writers know them only in lower case."""


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what the block writes there becomes ``path``.

    The temporary name has the suffix of ``path`` (.nii.gz, .seg.nrrd) in lower case, by which
    writers choose the format. A link is followed: the file it leads to is written. When the block
    fails or is interrupted, an existing file stays as it was and nothing half-written is left.
    Raises UserError for an OSError, such as a full disk.
    """
    path = Path(path)
    try:
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".{secrets.token_hex(6)}{_suffix(path)}")
        try:
            temporary.touch(exist_ok=False)
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error) from error


@contextmanager
def alone(lock: FileLock, busy: str, failed: str) -> Iterator[None]:
    """Nobody else holds ``lock``, whose folder is made; a process that is killed holds nothing.

    Raises UserError, ``busy`` when somebody else does not let go of it in its time, and ``failed``
    with the cause when its folder cannot be written.
    """
    from filelock import Timeout

    try:
        Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UserError(busy) from error
    except OSError as error:
        raise UserError(failed, error) from error
    try:
        yield
    finally:
        lock.release()


def _suffix(path: Path) -> str:
    low = path.name.lower()
    known = next((suffix for suffix in _FORMATS if low.endswith(suffix)), None)
    return known or "".join(path.suffixes[-2:])[-32:]


def check_output(
    path: str | os.PathLike[str],
    inputs: Sequence[str | os.PathLike[str] | None] = (),
    suffixes: Sequence[str] = LABEL_MAP_SUFFIXES,
) -> None:
    """Raise UserError when a result could not be written to ``path``; ask before computing.

    ``inputs`` are files and folders that it must not replace, whichever links lead there.
    """
    path = Path(path)
    if not path.name.lower().endswith(tuple(suffixes)):
        raise UserError(
            "{path} is not of a supported format: end its name in {listed}.",
            path=path,
            listed=", ".join(suffixes),
        )
    try:
        if path.is_dir():
            raise UserError("{path} is a folder: give the name of a file.", path=path)
        _check_inputs(path, inputs)
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise UserError("{path} is no ordinary file: give another name.", path=path)
        with tempfile.TemporaryFile(dir=target.parent):
            pass
        if target.exists():
            with target.open("rb+"):
                pass
        else:  # whether the file system takes the name
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            target.unlink()
    except OSError as error:
        raise cannot_write(path, error) from error


def _check_inputs(path: Path, inputs: Sequence[str | os.PathLike[str] | None]) -> None:
    for given in inputs:
        if given is None or not os.path.exists(given):
            continue
        if path.exists() and os.path.samefile(path, given):
            raise UserError("{path} is an input: give the result another name.", path=path)
        inside = os.path.isdir(given) and path.exists()
        if inside and any(os.path.samefile(path, f) for f in Path(given).iterdir() if f.is_file()):
            raise UserError(
                "{path} is a file of the input {given}: give the result another name.",
                path=path,
                given=given,
            )


def write_label_map(
    path: str | os.PathLike[str],
    labels: np.ndarray,
    geometry: Geometry,
    forms: Forms | None = None,
) -> None:
    """Write ``labels`` uint8 [k, j, i] on ``geometry``, compressed, and read the file back.

    A NIfTI file has both transforms of ``forms`` where one of them states ``geometry``, else that
    as both. UserError when that fails.
    """
    check_output(path)
    with atomic_write(path) as temporary:
        try:
            nifti = temporary.name.endswith((".nii", ".nii.gz"))
            if nifti and forms is not None and forms.place(geometry):
                write_nifti(temporary, labels, forms)
            else:
                sitk.WriteImage(geometry.to_sitk(labels), str(temporary), useCompression=True)
            check_written(temporary, labels, geometry)
        except (RuntimeError, UserError) as error:
            told = cause_of(error).replace(str(temporary), "the new file")
            raise cannot_write(Path(path), told) from error


def check_written(file: Path, labels: np.ndarray, geometry: Geometry) -> None:
    """Raise UserError unless ``file`` reads back as ``labels`` in their place."""
    found = read_file(file)
    if not np.array_equal(found.array, labels):
        raise UserError("the file reads back with other labels")
    if not all(place.is_close(geometry, _PLACE) for place in (found.geometry, *_by_itk(file))):
        raise UserError(
            "this format cannot hold the place of the voxels to a hundredth of their size",
            remedy="Write .nrrd, which can.",
        )


def _by_itk(file: Path) -> list[Geometry]:
    """Where ITK, and so 3D Slicer, sees a NIfTI file, whose forms it rounds in its own way; nothing
    of one that it refuses."""
    if not file.name.endswith((".nii", ".nii.gz")):
        return []
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(file))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        _log.info("ITK does not read %s: %s", file, error)
        return []
    return [Geometry.from_sitk(reader)]


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` as UTF-8; UserError when that fails."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, "utf-8")


def cannot_write(path: Path, said: BaseException | str) -> UserError:
    """The failure of a writer that reported ``said``, with the system's own cause if there is one.

    ITK and Slicer keep the system's error to themselves ("nifti library failed to write image").
    Writing a little into the same folder brings it to light where it lasts, as a full disk does.
    """
    if isinstance(said, OSError):
        missing = said.errno in (errno.ENOENT, errno.ENOTDIR)
        return UserError(
            "{path} cannot be written",
            said,
            "Give an existing folder." if missing else None,
            path=path,
        )
    try:
        with tempfile.TemporaryFile(dir=path.parent) as file:
            file.write(bytes(2**20))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        said = error
    return UserError("{path} cannot be written", said, path=path)
