"""Volumes and marks from files: every failure is one sentence that says what to do."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from math import prod
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import UserError
from .dicom import read_series
from .geometry import Geometry
from .intensities import MODALITIES, guess_modality
from .seeds import Seeds
from .volume import Volume

VOLUME_SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
_ITK_GEOMETRY = ("orthonormal", "Bad direction", "Zero-valued spacing", "space directions")


def read_volume(path: str | os.PathLike[str], modality: str | None = None) -> Volume:
    """The volume of an image file or of a folder with one DICOM series, checked.

    ``modality`` "CT" or "MR" overrides the guess. Integers keep their type, other values become
    float32. Raises UserError for whatever the network cannot work on.
    """
    path = Path(path)
    if modality is not None and modality.upper() not in MODALITIES:
        raise UserError(f"The modality {modality} is unknown: state CT or MR.")
    array, geometry, metadata = read_image(path)
    if modality is None:
        modality, reason = guess_modality(array, metadata)
    else:
        modality, reason = modality.upper(), "stated by the user"
    volume = Volume(array, geometry, modality, reason, path.absolute().name)
    volume.check()
    return volume


def read_seeds(path: str | os.PathLike[str], volume: Volume) -> Seeds:
    """The marks of a label map on the volume's grid (0 unmarked, 1 background, 2 ... structures),
    of a Slicer markups file (.mrk.json) or of a folder of these; see ``read_markups``."""
    path = Path(path)
    if os.path.isdir(path) or path.name.lower().endswith(".json"):
        from .markups import read_markups  # its pydantic is not part of Slicer

        return read_markups(path, volume.geometry)
    labels, geometry, _ = read_image(path)
    if not geometry.is_close(volume.geometry):
        raise UserError(
            f"{path} does not lie on the grid of {volume.name}: export the marks as a label map "
            "with that volume as the reference."
        )
    return Seeds.from_label_map(labels, str(path))


def read_image(path: str | os.PathLike[str]) -> tuple[np.ndarray, Geometry, dict[str, str]]:
    """Array [k, j, i], grid and metadata of a scalar 3D image file or a DICOM folder.

    Raises UserError when it cannot be read, is incomplete, or is not one scalar 3D image; the grid
    and the values are not checked.
    """
    path = Path(path)
    try:
        image, metadata = read_series(path) if os.path.isdir(path) else _read_file(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): check its access.") from error
    while image.GetDimension() > 3 and image.GetSize()[-1] == 1:
        image = image[..., 0]
    if image.GetNumberOfComponentsPerPixel() != 1:
        raise UserError(
            f"{path} holds {image.GetNumberOfComponentsPerPixel()} values in each voxel (colour, "
            "vectors or overlapping segments): export one scalar 3D volume."
        )
    if image.GetDimension() != 3:
        raise UserError(
            f"{path} has {image.GetDimension()} dimensions: export one 3D volume of it."
        )
    if 0 in image.GetSize():
        raise _damaged(path)
    array = sitk.GetArrayFromImage(image)
    if array.dtype.kind not in "iuf":
        raise UserError(f"{path} holds complex numbers: export their magnitude.")
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what overflows becomes infinite, which is refused
            array = array.astype(np.float32, copy=False)
    return array, Geometry.from_sitk(image), metadata


def check_complete(path: Path) -> None:
    """Raise UserError for a NIfTI file that is cut off or says a spacing of zero.

    ITK neither fails on such a file when it reads it nor when it writes one to a full disk; it
    does for the other formats.
    """
    name = path.name.lower()
    if not name.endswith((".nii", ".nii.gz")):
        return
    try:
        with gzip.open(path) if name.endswith(".gz") else path.open("rb") as file:
            head = file.read(352)
            size = len(head)
            while block := file.read(2**20):
                size += len(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path) from error
    expected, spacing = _nifti_header(head, path)
    if size < expected:
        raise _damaged(path)
    if not all(spacing):
        raise UserError(f"{path} has a voxel spacing of zero: export it again from the original.")


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is cut off or damaged: copy or export it again.")


def _nifti_header(head: bytes, path: Path) -> tuple[float, list[float]]:
    """The full length in bytes and the spacing that a NIfTI-1 header states."""
    for order in "<>":
        if len(head) == 352 and struct.unpack_from(f"{order}i", head) == (348,):
            count, *sizes = struct.unpack_from(f"{order}8h", head, 40)
            (bits,) = struct.unpack_from(f"{order}h", head, 72)
            _, *spacing = struct.unpack_from(f"{order}4f", head, 76)
            (start,) = struct.unpack_from(f"{order}f", head, 108)
            return start + prod(sizes[:count]) * bits / 8, spacing
    if head[4:7] == b"n+2":
        raise UserError(f"{path} is a NIfTI-2 file: convert it to NIfTI-1 or NRRD.")
    raise _damaged(path)


def _read_file(path: Path) -> tuple[sitk.Image, dict[str, str]]:
    if not os.path.isfile(path):
        raise UserError(f"{path} does not exist: check the path.")
    if not path.name.lower().endswith(VOLUME_SUFFIXES):
        raise UserError(
            f"{path} is not of a supported format: give {', '.join(VOLUME_SUFFIXES)}, or the "
            "folder of a DICOM series."
        )
    check_complete(path)
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        if any(sign in str(error) for sign in _ITK_GEOMETRY):
            raise UserError(
                f"{path} has a sheared or degenerate grid: resample it to a rectangular grid."
            ) from error
        raise _damaged(path) from error
    return image, {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
