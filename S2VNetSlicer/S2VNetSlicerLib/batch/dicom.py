"""The DICOM series that share a folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

import SimpleITK as sitk

from ..errors import UserError
from ..volumes.dicom import is_dicom_image

_HEAD = 2**16  # bytes in which a header names its series


def find_series(folder: Path) -> dict[str, str]:
    """UID and description of each series of two or more slices directly in ``folder``.

    Where there is none but a damaged DICOM image, the UID is empty: reading it says what is wrong.
    """
    find = sitk.ImageSeriesReader
    found: dict[str, str] = {}
    known: set[str] = set()
    for uid in _ids(folder):
        files = find.GetGDCMSeriesFileNames(str(folder), uid)
        known.update(map(os.path.realpath, files))
        info = sitk.ImageFileReader()
        info.SetFileName(files[0])
        info.ReadImageInformation()
        if len(files) * prod(info.GetSize()[2:]) > 1:
            text = info.GetMetaData("0008|103e") if info.HasMetaDataKey("0008|103e") else ""
            found[uid] = text.encode(errors="replace").decode().strip()
    if not found and any(_damaged(folder, known)):
        return {"": ""}
    return found


def _damaged(folder: Path, known: set[str]) -> Iterator[Path]:
    """DICOM images that ITK leaves out."""
    for file in sorted(folder.iterdir()):
        if os.path.realpath(file) not in known and is_dicom_image(file):
            yield file


def series_files(folder: Path, uid: str) -> list[Path]:
    """The files of one series, damaged ones included; of no series if they do not say which."""
    find = sitk.ImageSeriesReader
    every = {u: find.GetGDCMSeriesFileNames(str(folder), u) for u in _ids(folder)}
    known = {os.path.realpath(file) for files in every.values() for file in files}
    damaged = []
    for file in _damaged(folder, known):
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
        if uid.encode() in head or not any(other.encode() in head for other in every):
            damaged.append(file)
    return [*map(Path, every.get(uid, ())), *damaged]


def _ids(folder: Path) -> tuple[str, ...]:
    """Without ITK's warning about a folder that holds none."""
    if not folder.is_dir():
        return ()
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        return tuple(sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder)))
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)


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
