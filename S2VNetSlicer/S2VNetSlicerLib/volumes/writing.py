"""Files that are either complete or not there."""

from __future__ import annotations

import errno
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from .geometry import Geometry
from .reading import check_complete

LABEL_MAP_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".mha")


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what the block writes there becomes ``path``.

    The temporary name has the suffix of ``path`` (.nii.gz, .seg.nrrd), by which writers choose the
    format. When the block fails or is interrupted, an existing file stays as it was and nothing
    half-written is left. Raises UserError for an OSError, such as a full disk.
    """
    path = Path(path)
    temporary = path.with_name(f".{secrets.token_hex(6)}{''.join(path.suffixes[-2:])}")
    try:
        try:
            temporary.touch(exist_ok=False)
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error) from error


def check_output(path: str | os.PathLike[str]) -> None:
    """Raise UserError when ``write_label_map`` could not write ``path``; ask before computing."""
    path = Path(path)
    if not path.name.lower().endswith(LABEL_MAP_SUFFIXES):
        raise UserError(
            f"{path} is not of a supported format: end its name in {', '.join(LABEL_MAP_SUFFIXES)}."
        )
    if path.is_dir():
        raise UserError(f"{path} is a folder: give the name of a file.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise cannot_write(path, error) from error


def write_label_map(path: str | os.PathLike[str], labels: np.ndarray, geometry: Geometry) -> None:
    """Write ``labels`` uint8 [k, j, i] on ``geometry``, compressed; UserError when that fails."""
    check_output(path)
    with atomic_write(path) as temporary:
        try:
            sitk.WriteImage(geometry.to_sitk(labels), str(temporary), useCompression=True)
            check_complete(temporary)
        except (RuntimeError, UserError) as error:
            raise cannot_write(Path(path), error) from error


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
            f"{path} cannot be written", said, "Give an existing folder." if missing else None
        )
    try:
        with tempfile.TemporaryFile(dir=path.parent) as file:
            file.write(bytes(2**20))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        said = error
    return UserError(f"{path} cannot be written", said)
