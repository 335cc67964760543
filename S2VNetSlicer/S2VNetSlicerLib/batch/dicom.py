"""The DICOM series that share a folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UserError
from ..volumes import dicom

_HEAD = 2**16  # bytes in which a header names its series


def find_series(folder: Path) -> dict[str, str]:
    """UID and description of each series of two or more slices directly in ``folder``.

    Where there is none but a damaged DICOM image, the UID is empty: reading it says what is wrong.
    """
    every = dicom.series_files(folder)
    found = {uid: each.text for uid, each in dicom.described(every).items()}
    if not found and any(dicom.damaged_files(folder, every)):
        return {"": ""}
    return found


def series_files(folder: Path, uid: str) -> list[Path]:
    """The files of one series, damaged ones included; of no series if they do not say which."""
    every = dicom.series_files(folder)
    damaged = []
    for file in dicom.damaged_files(folder, every):
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
        if uid.encode() in head or not any(other.encode() in head for other in every):
            damaged.append(file)
    return [*map(Path, every.get(uid, ())), *damaged]


@contextmanager
def series_alone(folder: Path, uid: str) -> Iterator[Path]:
    """A temporary folder with only the files of one series; messages name the original one."""
    files = series_files(folder, uid)
    if not files:
        raise UserError(f"{folder} no longer holds the series {uid}: copy it there again.")
    with tempfile.TemporaryDirectory() as place:
        own = Path(place) / folder.name
        own.mkdir()
        for file in files:
            _link(file.absolute(), own / file.name)
        try:
            yield own
        except UserError as error:
            named = str(error).replace(f"{own}{os.sep}", f"{folder}{os.sep}")
            raise UserError(named.replace(str(own), f"{folder}, series {uid},")) from error


def _link(file: Path, link: Path) -> None:
    try:
        link.symlink_to(file)
    except OSError:  # Windows allows links to few users
        shutil.copy2(file, link)
