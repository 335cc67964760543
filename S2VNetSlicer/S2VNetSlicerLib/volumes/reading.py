"""Volumes and marks from files: every failure is one sentence that says what is wrong."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import UserError, cause_of, out_of_memory
from ..texts import texts
from . import dicom_segments, nrrd
from .dicom import read_series
from .geometry import Geometry
from .intensities import MODALITIES, STATED, guess_modality
from .lattice import onto
from .nifti import Forms, read_nifti
from .paths import check_is_file
from .seeds import Seeds
from .segments import Segment, number, seeds_of, segments_of, unnamed
from .volume import Volume

_ = texts(__name__)

_log = logging.getLogger(__name__)
VOLUME_SUFFIXES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
SEGMENTATION = ".seg.nrrd"
_ITK_GEOMETRY = ("orthonormal", "Bad direction", "Zero-valued spacing", "space directions")
_NO_IMAGE = {
    b"version https://git-lfs": _("a Git LFS pointer, not the file: fetch that with git lfs pull"),
    b"<!doctype": _("a web page, not an image: download the file itself"),
    b"<html": _("a web page, not an image: download the file itself"),
    b"PK\x03\x04": _("a ZIP archive: unpack it"),
}
"""How files begin that only bear an image's name."""


@dataclass
class Image:
    """A file's voxels [k, j, i], or [k, j, i, layer] where it has several, and their grid.

    ``forms``: of a NIfTI file, both transforms. ``notes``: sentences for the user. ``source``: of
    a DICOM folder, the files. ``part``: it may cover a part of a grid.
    """

    path: Path
    array: np.ndarray
    geometry: Geometry
    metadata: dict[str, str] = field(default_factory=dict)
    forms: Forms | None = None
    notes: list[str] = field(default_factory=list)
    source: list[Path] = field(default_factory=list)
    part: bool = False

    @property
    def geometries(self) -> list[Geometry]:
        """``geometry``, then what the forms of the file say of the same voxels."""
        also = self.forms.geometries(self.geometry.shape) if self.forms else []
        return [self.geometry, *also]

    def on_grid_of(self, other: Volume | Image) -> np.ndarray:
        """The array on the grid of ``other``; UserError unless it is the same lattice."""
        name = other.name if isinstance(other, Volume) else str(other.path)
        part = self.part or self.path.name.lower().endswith(SEGMENTATION)  # Slicer crops them
        layers = np.moveaxis(self.array, 3, 0) if self.array.ndim == 4 else [self.array]
        placed = [
            onto(layer, self.geometries, other.geometries, str(self.path), name, part=part)
            for layer in layers
        ]
        return placed[0] if self.array.ndim == 3 else np.stack(placed, axis=-1)


def read_volume(
    path: str | os.PathLike[str], modality: str | None = None, series: str | None = None
) -> Volume:
    """The volume of an image file or of a folder of DICOM files, checked.

    ``modality`` "CT" or "MR" overrides the guess; ``series`` chooses among the volumes of a folder,
    see :func:`.dicom.read_series`. Integers keep their type, other values become float32. Raises
    UserError for whatever the network cannot work on.
    """
    path = Path(path)
    if modality is not None and modality.upper() not in MODALITIES:
        raise UserError("The modality {modality} is unknown: state CT or MR.", modality=modality)
    image = read_file(path, series)
    for note in image.notes:
        _log.info("%s", note)
    if modality is None:
        modality, reason = guess_modality(image.array, image.metadata)
    else:
        modality, reason = modality.upper(), STATED
    volume = Volume(
        image.array, image.geometry, modality, reason, path.absolute().name, image.forms,
        tuple(image.notes), tuple(image.source),
    )  # fmt: skip
    volume.check()
    return volume


def read_seeds(path: str | os.PathLike[str], volume: Volume) -> Seeds:
    """The marks of a file on the grid of ``volume``.

    A label map on the volume's lattice (0 unmarked, 1 background, 2 ... structures), a segmentation
    of 3D Slicer (.seg.nrrd; by the names of its segments), a Slicer markups file (.mrk.json) or a
    folder of these, see ``read_markups``.
    """
    path = Path(path)
    if os.path.isdir(path) or path.name.lower().endswith((".json", ".fcsv")):
        from .markups import read_markups  # its pydantic is not part of Slicer

        return read_markups(path, volume.geometry)
    segments, placed = read_segments(path, volume)
    if segments:
        return seeds_of(segments, placed, str(path))
    return Seeds.from_label_map(placed, str(path))


def read_segments(path: Path, grid: Volume | Image) -> tuple[list[Segment], np.ndarray]:
    """The segments of a Slicer segmentation, DICOM SEG or RT structure set, and their array on the
    grid of ``grid``, [k, j, i] or [k, j, i, layer]; of a plain label map no segments.

    Raises UserError for another lattice.
    """
    segments, image = _read_structures(path, grid)
    return segments, image.on_grid_of(grid)


def read_result(path: Path, grid: Volume | Image) -> tuple[list[Segment], np.ndarray, Geometry]:
    """:func:`read_segments` of a result to be corrected, and the grid of the array: that of
    ``grid``, or its own where it has another lattice. A label map has a segment for each value.
    """
    segments, image = _read_structures(path, grid)
    segments = segments or unnamed(image.array, str(path))
    try:
        return segments, image.on_grid_of(grid), grid.geometry
    except UserError as error:
        _log.info("%s", error)
        return segments, image.array, image.geometry


def _read_structures(path: Path, grid: Volume | Image) -> tuple[list[Segment], Image]:
    """On the grid of the file; contours on that of ``grid``."""
    if path.name.lower().endswith(VOLUME_SUFFIXES) or not path.is_file():
        image = read_file(path, layers=True)
        return segments_of(image.metadata, str(path)), image
    try:
        if not dicom_segments.is_dicom(path):
            read_file(path)  # says what is supported
        segments, array, own = dicom_segments.read_segments(path, grid.geometry, grid.source)
    except (OSError, MemoryError) as error:
        raise UserError("{path} cannot be read", error, path=path) from error
    return segments, Image(path, array, own, part=True)


def read_labels(path: str | os.PathLike[str], grid: Volume | Image) -> np.ndarray:
    """A label map [k, j, i] on the grid of ``grid``, whichever way its lattice is turned.

    The segments of a DICOM SEG or RT structure set are numbered in order. Raises UserError for
    another lattice, and for voxels of two segments.
    """
    path = Path(path)
    if path.name.lower().endswith(VOLUME_SUFFIXES) or not path.is_file():
        return read_file(path).on_grid_of(grid)
    segments, array = read_segments(path, grid)
    return number(segments, array, str(path))


def read_file(path: Path, series: str | None = None, *, layers: bool = False) -> Image:
    """A scalar 3D image file, or one volume of a DICOM folder; with ``layers`` also a segmentation
    of overlapping segments.

    Raises UserError when it cannot be read, is incomplete, or is not one scalar 3D image; the grid
    and the values are not checked.
    """
    if series is not None and not os.path.isdir(path):
        raise UserError(
            "{path} is no folder of DICOM files: a series cannot be chosen in it.", path=path
        )
    try:
        image = _read(path, series)
    except (OSError, MemoryError) as error:
        raise UserError("{path} cannot be read", error, path=path) from error
    array = image.array
    if 0 in array.shape:
        raise UserError("{path} is cut off or damaged: it holds no voxels.", path=path)
    if array.ndim == 4 and not layers:
        raise UserError(
            "{path} holds {count} values in each voxel (colour, vectors or overlapping "
            "segments): export one scalar 3D volume.",
            path=path,
            count=array.shape[3],
        )
    if array.dtype.kind not in "iuf":
        raise UserError("{path} holds complex numbers: export their magnitude.", path=path)
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what overflows becomes infinite, which is refused
            image.array = array.astype(np.float32, copy=False)
    return image


def _read(path: Path, series: str | None) -> Image:
    if os.path.isdir(path):
        array, geometry, metadata, notes, files = read_series(path, series)
        return Image(path, array, geometry, metadata, notes=notes, source=files)
    check_is_file(path)
    name = path.name.lower()
    if not name.endswith(VOLUME_SUFFIXES):
        raise UserError(
            "{path} is not of a supported format: give {listed}, or the folder of a DICOM series.",
            path=path,
            listed=", ".join(VOLUME_SUFFIXES),
        )
    _check_content(path)
    if name.endswith((".nii", ".nii.gz")):
        with _told(path):
            array, geometry, forms, notes = read_nifti(path)
        return Image(path, array, geometry, {}, forms, notes)
    fields = nrrd.read_header(path) if name.endswith((".nrrd", ".nhdr")) else None
    if name.endswith((".mha", ".mhd")):
        _check_meta_image(path)
    image = _with_itk(path)
    geometry, notes = Geometry.from_sitk(image), []
    if fields is not None:
        geometry, notes = nrrd.place(path, fields, geometry), nrrd.doubts(path, fields)
    metadata = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    return Image(path, sitk.GetArrayFromImage(image), geometry, metadata, notes=notes)


def _check_content(path: Path) -> None:
    """Raise UserError for a file that is empty or something else under an image's name."""
    with path.open("rb") as stream:
        head = stream.read(256)
    if not head:
        raise UserError("{path} is cut off or damaged: it is an empty file.", path=path)
    for start, what in _NO_IMAGE.items():
        if head.lstrip().lower().startswith(start.lower()):
            raise UserError("{path} is {thing}.", path=path, thing=what)


def _check_meta_image(path: Path) -> None:
    """Raise UserError where the file of the voxels of a MetaImage header is missing."""
    with path.open("rb") as stream:
        head = stream.read(2**16)
    if found := re.search(rb"^ElementDataFile\s*=\s*(.+?)\s*$", head, re.MULTILINE):
        name = found[1].decode("utf-8", "replace")
        if "%" not in name and name.upper() not in ("LOCAL", "LIST") and " " not in name:
            nrrd.check_detached(path, name)


def _in_short(error: RuntimeError) -> str:
    """ITK's reason without its traces; for MetaImage it adds some earlier error of the system."""
    return re.sub(r"( for reading\.)? Reason: .*", "", cause_of(error).split("[nrrd]")[-1]).strip()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of a reader as one UserError; those of the system go on."""
    try:
        yield
    except (UserError, MemoryError):
        raise
    # nibabel, zlib and gzip have no common class of errors for damaged files.
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserError("{path} is cut off or damaged", error, path=path) from error


def _with_itk(path: Path) -> sitk.Image:
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)  # what it warns of is checked here
    # By itself ITK does not know .MHA in capitals.
    meta = "MetaImageIO" if path.name.lower().endswith((".mha", ".mhd")) else ""
    try:
        image = sitk.ReadImage(str(path), imageIO=meta)
    except RuntimeError as error:
        if any(sign in str(error) for sign in _ITK_GEOMETRY):
            raise UserError("{path} has a sheared or degenerate grid", error, path=path) from error
        if out_of_memory(error):
            raise UserError("{path} cannot be read", error, path=path) from error
        raise UserError("{path} is cut off or damaged", _in_short(error), path=path) from error
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)
    while image.GetDimension() > 3 and image.GetSize()[-1] == 1:
        image = image[..., 0]
    if image.GetDimension() != 3:
        raise UserError(
            "{path} has {count} dimensions: export one 3D volume of it.",
            path=path,
            count=image.GetDimension(),
        )
    return image
