"""A volume from the slices of a DICOM series."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import UserError

# Storage classes of CT, MR and secondary capture images (DICOM PS3.4, annex B.5).
_IMAGE_CLASS = re.compile(rb"1\.2\.840\.10008\.5\.1\.4\.1\.1\.(2|4|7)(\.\d+)?")


def read_series(folder: Path) -> tuple[sitk.Image, dict[str, str]]:
    """The image and the metadata of the one series of two or more slices in ``folder``.

    Raises UserError when there is none or more than one, when a file is damaged, and when the
    slices are not evenly spaced along their normal.
    """
    files = _only_series(folder)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(files)
    reader.MetaDataDictionaryArrayUpdateOn()
    try:
        image = reader.Execute() if len(files) > 1 else sitk.ReadImage(files[0])
    except RuntimeError as error:
        raise UserError(
            f"{folder} holds slices that do not form one volume: put one complete series into a "
            "folder of its own."
        ) from error
    if len(files) == 1:
        return image, {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    try:
        positions, orientations = (
            np.array([_numbers(reader.GetMetaData(n, tag)) for n in range(len(files))])
            for tag in ("0020|0032", "0020|0037")
        )
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"{folder} holds slices without a position: give the original series."
        ) from error
    _check_stack(folder, positions, orientations, min(image.GetSpacing()[:2]))
    modality = reader.GetMetaData(0, "0008|0060") if reader.HasMetaDataKey(0, "0008|0060") else ""
    return image, {"0008|0060": modality}


def _numbers(value: str) -> list[float]:
    return [float(number) for number in value.split("\\")]


@dataclass(frozen=True)
class Series:
    """A series: its ``files`` in order, how many ``slices`` they hold, and its description."""

    files: tuple[str, ...]
    slices: int
    text: str


def described(series: Mapping[str, tuple[str, ...]]) -> dict[str, Series]:
    """Those of ``series`` (files by UID) that have two or more slices."""
    found = {}
    for uid, files in series.items():
        info = sitk.ImageFileReader()
        info.SetFileName(files[0])
        info.ReadImageInformation()
        slices = len(files) * prod(info.GetSize()[2:])
        text = info.GetMetaData("0008|103e") if info.HasMetaDataKey("0008|103e") else ""
        if slices > 1:  # the text may be of any character set
            found[uid] = Series(files, slices, text.encode(errors="replace").decode().strip())
    return found


def series_files(folder: Path) -> dict[str, tuple[str, ...]]:
    """The files of every series in ``folder``, by UID; those that are damaged are left out."""
    find = sitk.ImageSeriesReader
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)  # about a folder that holds none
    try:
        ids = find.GetGDCMSeriesIDs(str(folder)) if folder.is_dir() else ()
        return {uid: tuple(find.GetGDCMSeriesFileNames(str(folder), uid)) for uid in ids}
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)


def damaged_files(folder: Path, series: Mapping[str, tuple[str, ...]]) -> Iterator[Path]:
    """DICOM images in ``folder`` that belong to none of its ``series``: ITK leaves them out."""
    known = {os.path.realpath(file) for files in series.values() for file in files}
    for file in sorted(folder.iterdir()):
        if os.path.realpath(file) not in known and _is_dicom_image(file):
            yield file


def _only_series(folder: Path) -> list[str]:
    """The files, in order, of the one series of two or more slices in ``folder``."""
    every = series_files(folder)
    for file in damaged_files(folder, every):
        raise UserError(f"{file} is cut off or damaged: copy or export it again.")
    found = described(every)
    if not found:
        raise UserError(
            f"{folder} holds no DICOM series of two or more slices: give the folder that directly "
            "holds the files of one series."
        )
    if len(found) > 1:
        listed = [f"{each.text or uid} ({each.slices} slices)" for uid, each in found.items()]
        raise UserError(
            f"{folder} holds {len(found)} DICOM series, {', '.join(listed)}: put one series "
            "into a folder of its own."
        )
    return list(next(iter(found.values())).files)


def _is_dicom_image(file: Path) -> bool:
    """Whether a file says to be a DICOM image; ITK silently leaves out those that are cut off."""
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(1024)
    at = head.find(b"\x02\x00\x02\x00UI", 132)  # the storage class in the file's meta header
    if head[128:132] != b"DICM" or at < 0:
        return False
    length = int.from_bytes(head[at + 6 : at + 8], "little")
    return bool(_IMAGE_CLASS.fullmatch(head[at + 8 : at + 8 + length].rstrip(b"\0 ")))


def _check_stack(
    folder: Path, positions: np.ndarray, orientations: np.ndarray, pixel: float
) -> None:
    """Raise UserError unless slices at ``positions`` [N, 3] form a regular grid.

    ITK only warns, and puts the slices at even distances along the normal. ``orientations``
    [N, 6] are the row and column directions, ``pixel`` the smaller pixel spacing; all in mm.
    """
    if np.ptp(orientations, axis=0).max() > 1e-3:
        raise UserError(
            f"{folder} holds slices of different orientations: put the slices of one orientation "
            "into a folder of their own."
        )
    normal = np.cross(orientations[0, :3], orientations[0, 3:])
    along = (positions - positions[0]) @ normal
    steps = np.diff(along)
    usual = float(np.median(steps))
    if steps.min() < 1e-3:
        raise UserError(
            f"{folder} holds several slices at one position (several time points or echoes): put "
            "those of one into a folder of their own."
        )
    odd = np.flatnonzero(np.abs(steps - usual) > max(0.01 * usual, 0.02))
    if odd.size:
        raise UserError(
            f"{folder} has {steps[odd[0]]:.2f} mm between slices {odd[0] + 1} and {odd[0] + 2} "
            f"where {usual:.2f} mm is usual: copy the missing slices, or resample the series to "
            "even distances."
        )
    drift = positions - positions[0] - along[:, None] * normal
    if np.linalg.norm(drift, axis=1).max() > pixel / 2:
        raise UserError(
            f"{folder} was acquired with a tilted gantry: resample it to a rectangular grid, as "
            "3D Slicer's DICOM import does."
        )
