"""A volume from the slices of a DICOM series."""

from __future__ import annotations

import os
import re
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


def _only_series(folder: Path) -> list[str]:
    """The files, in order, of the one series of two or more slices in ``folder``."""
    find = sitk.ImageSeriesReader
    every = {
        uid: find.GetGDCMSeriesFileNames(str(folder), uid)
        for uid in find.GetGDCMSeriesIDs(str(folder))
    }
    known = {os.path.realpath(file) for files in every.values() for file in files}
    for file in sorted(folder.iterdir()):
        if os.path.realpath(file) not in known and is_dicom_image(file):
            raise UserError(f"{file} is cut off or damaged: copy or export it again.")
    slices: dict[str, int] = {}
    described: list[str] = []
    for uid, files in every.items():
        info = sitk.ImageFileReader()
        info.SetFileName(files[0])
        info.ReadImageInformation()
        slices[uid] = len(files) * prod(info.GetSize()[2:])
        if slices[uid] > 1:
            text = info.GetMetaData("0008|103e") if info.HasMetaDataKey("0008|103e") else uid
            text = text.encode(errors="replace").decode()  # may be of any character set
            described.append(f"{text.strip() or uid} ({slices[uid]} slices)")
    if not described:
        raise UserError(
            f"{folder} holds no DICOM series of two or more slices: give the folder that directly "
            "holds the files of one series."
        )
    if len(described) > 1:
        raise UserError(
            f"{folder} holds {len(described)} DICOM series, {', '.join(described)}: put one series "
            "into a folder of its own."
        )
    return list(every[max(slices, key=lambda uid: slices[uid])])


def is_dicom_image(file: Path) -> bool:
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
