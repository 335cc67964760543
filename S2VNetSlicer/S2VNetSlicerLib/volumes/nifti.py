"""NIfTI files with both of their transforms; nibabel reads them.

ITK reads only one of the two, refuses an sform that was rounded, and completes a file that is cut
off. Which transform places the voxels is ITK's choice all the same, because points placed in 3D
Slicer lie where ITK puts the image: the sform where its code is 1 (scanner) or there is no qform,
or says the same as the qform, else the qform.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from ..errors import UserError
from .geometry import Geometry

_SCANNER = 1
_UNITS = {1: 1000.0, 3: 0.001}
"""mm in a metre and in a micrometre, by the code of the file's unit of length."""
_HALF_CIRCLE = 1e-7
"""Squared cosine of half the angle; nifti_quatern_to_mat44 in nifti1_io.c."""
_SAME_FORM = 1e-4
"""Direction cosine and mm; itkNiftiImageIO.cxx."""
_UNPLACED = np.diag([-1.0, -1.0, 1.0])
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, eq=False)
class Forms:
    """The qform and the sform of a file: codes and RAS [4, 4] in mm; a code of 0 means none."""

    qform: np.ndarray
    qform_code: int
    sform: np.ndarray
    sform_code: int

    @property
    def placed(self) -> bool:
        """Whether one of them states a place."""
        return self.qform_code > 0 or self.sform_code > 0

    def geometries(self, shape: tuple[int, int, int]) -> list[Geometry]:
        """The grids of both forms, at right angles where they nearly are."""
        codes = ((self.sform, self.sform_code), (self.qform, self.qform_code))
        return [Geometry(shape, form).straightened()[0] for form, code in codes if code > 0]

    def place(self, geometry: Geometry) -> bool:
        """Whether one of them states ``geometry``, to a thousandth of a voxel."""
        return any(each.is_close(geometry, 1e-3) for each in self.geometries(geometry.shape))

    def stored(self) -> str:
        """As a text, from which :meth:`restored` makes them again."""
        plain = {name: np.asarray(value).tolist() for name, value in vars(self).items()}
        return json.dumps(plain, separators=(",", ":"))

    @classmethod
    def restored(cls, text: str) -> Forms:
        """What :meth:`stored` wrote; ValueError, TypeError or KeyError for other texts."""
        facts = json.loads(text)
        return cls(
            np.array(facts["qform"], float).reshape(4, 4), int(facts["qform_code"]),
            np.array(facts["sform"], float).reshape(4, 4), int(facts["sform_code"]),
        )  # fmt: skip


def read_nifti(path: Path) -> tuple[np.ndarray, Geometry, Forms, list[str]]:
    """Array [k, j, i], grid, both forms and notes for the user.

    Raises UserError for what is no NIfTI file of one scalar 3D image, is cut off, or is sheared;
    OSError where it cannot be read.
    """
    import nibabel
    from nibabel.filebasedimages import FileHolder

    with open_nifti(path) as stream:
        head = stream.read(352)
        kind = nibabel.Nifti2Image if head[4:7] == b"n+2" else nibabel.Nifti1Image
        _check_spacing(path, head, kind)
        stream.seek(0)
        files = {name: FileHolder(fileobj=cast(Any, stream)) for name in ("header", "image")}
        with nibabel.imageglobals.LoggingOutputSuppressor():
            image: Any = kind.from_file_map(files)
            array = np.asanyarray(image.dataobj)
    while array.ndim > 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.dtype.fields:
        raise UserError("{path} is a colour image: export one scalar 3D volume.", path=path)
    if array.ndim != 3:
        raise UserError(
            "{path} has {count} dimensions: export one 3D volume of it.",
            path=path,
            count=array.ndim,
        )
    array = np.ascontiguousarray(array.T).astype(array.dtype.newbyteorder("="), copy=False)
    forms = _forms(image.header)
    pixdim = _unit(image.header) * image.header["pixdim"][1:4]
    geometry, notes = _placed(path, array.shape, forms, pixdim)
    return array, geometry, forms, notes


def read_forms(path: Path) -> Forms:
    """Both forms of a file; OSError and nibabel's errors where it cannot be read."""
    return _forms(_header(path))


def read_grid(path: Path) -> tuple[Geometry, Forms, int]:
    """Grid, both forms and the number of volumes of a 3D or 4D file, from its header alone.

    Raises UserError for other files.
    """
    try:
        header = _header(path)
        i, j, k, *more = header.get_data_shape()
    except Exception as error:  # nibabel, zlib and gzip have no common class
        raise UserError("{path} cannot be read as a NIfTI image", error, path=path) from error
    forms = _forms(header)
    geometry, _ = _placed(path, (k, j, i), forms, _unit(header) * header["pixdim"][1:4])
    return geometry, forms, int(np.prod(more, dtype=int))


def _header(path: Path) -> Any:
    import nibabel

    with open_nifti(path) as stream:
        kind = nibabel.Nifti2Header if stream.read(8)[4:7] == b"n+2" else nibabel.Nifti1Header
        stream.seek(0)
        return kind.from_fileobj(stream, check=False)


def _forms(header: Any) -> Forms:
    scale = np.diag([_unit(header)] * 3 + [1.0])
    return Forms(
        scale @ _qform(header), int(header["qform_code"]),
        scale @ header.get_sform(), int(header["sform_code"]),
    )  # fmt: skip


def _qform(header: Any) -> np.ndarray:
    """The qform [4, 4] as the C library of NIfTI, and so ITK, takes it.

    nibabel takes a turn by nearly half a circle for half a circle, which moves voxels at the ends
    of long and narrow volumes.
    """
    from nibabel.quaternions import quat2mat

    qform = np.array(header.get_qform())
    cosine, *turn = header.get_qform_quaternion().tolist()
    rest = 1 - float(np.square(turn).sum())
    if cosine == 0 and rest >= _HALF_CIRCLE:
        half, exact = quat2mat((0.0, *turn)), quat2mat((rest**0.5, *turn))
        qform[:3, :3] = exact @ half.T @ qform[:3, :3]
    return qform


def _unit(header: Any) -> float:
    """mm in the unit of length of a header."""
    return _UNITS.get(int(header["xyzt_units"]) & 7, 1.0)


@contextmanager
def open_nifti(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if they are gzip's whatever the name says."""
    with path.open("rb") as plain:
        packed = plain.read(2) == _GZIP
        plain.seek(0)
        if packed:
            with gzip.open(plain) as stream:
                yield cast(IO[bytes], stream)
        else:
            yield plain


def _check_spacing(path: Path, head: bytes, kind: Any) -> None:
    """Raise UserError for a spacing of zero, which nibabel mends without a word."""
    size, at, step, form = (540, 104, 8, "d") if len(head) > 4 and head[4:7] == b"n+2" else (
        348, 76, 4, "f",
    )  # fmt: skip
    for order in "<>":
        if len(head) >= at + 4 * step and struct.unpack_from(f"{order}i", head) == (size,):
            spacing = struct.unpack_from(f"{order}3{form}", head, at + step)
            if not all(spacing):
                raise UserError("{path} has a voxel spacing of zero: export it again.", path=path)
            return
    raise UserError("{path} is no NIfTI file, or its header is damaged.", path=path)


def _placed(
    path: Path, shape: tuple[int, ...], forms: Forms, pixdim: np.ndarray
) -> tuple[Geometry, list[str]]:
    size = (shape[0], shape[1], shape[2])
    if not forms.placed:
        affine = np.eye(4)
        affine[:3, :3] = _UNPLACED * np.abs(pixdim)
        note = f"{path.name} states no place in the patient: left and right are not certain."
        return Geometry(size, affine), [note]
    qform = Geometry(size, forms.qform)
    if forms.sform_code <= 0:
        return qform, []
    sform = Geometry(size, forms.sform)
    sform.check_finite(str(path))
    straight, moved = sform.straightened()
    if moved is None:
        unlike = ", unlike its qform" if forms.qform_code > 0 else ""
        raise UserError(
            "{path} has an sform whose axes are not at right angles{unlike} (a tilted "
            "gantry or an affine registration): resample it to a rectangular grid, for "
            "instance with nibabel.processing.resample_to_output.",
            path=path,
            unlike=unlike,
        )
    if forms.qform_code > 0 and forms.sform_code != _SCANNER and not _alike(straight, qform):
        return qform, []
    spacing = np.array(sform.spacing[::-1])
    if (np.abs(spacing - np.abs(pixdim)) * size[::-1] > 0.5 * spacing).any():
        told = " and ".join(" x ".join(f"{v:.4g}" for v in each) for each in (spacing, pixdim))
        raise UserError(
            "{path} states two spacings, {told} mm (sform and pixdim): mend one.",
            path=path,
            told=told,
        )
    if moved < 1e-3 * min(straight.spacing):
        return straight, []
    return straight, [
        f"{path.name} has a rounded sform: its axes were set at right angles, which moves no voxel "
        f"by more than {moved:.3g} mm."
    ]


def _alike(sform: Geometry, qform: Geometry) -> bool:
    """Whether ITK takes the sform for the same as the qform, and for the more exact one."""
    pairs = []
    for affine in (sform.ijk_to_ras, qform.ijk_to_ras):
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        pairs.append(np.vstack([affine[:3, :3] / spacing, spacing, affine[:3, 3]]))
    return bool(np.abs(pairs[0] - pairs[1]).max() <= _SAME_FORM)


def write_nifti(path: Path, labels: np.ndarray, forms: Forms) -> None:
    """Write ``labels`` uint8 [k, j, i] with both ``forms`` as they are; RuntimeError on failure."""
    import nibabel

    image = nibabel.Nifti1Image(labels.T, None)
    header: Any = image.header
    header.set_xyzt_units("mm")
    image.set_qform(forms.qform, forms.qform_code)
    image.set_sform(forms.sform, forms.sform_code)
    nibabel.save(image, path)
